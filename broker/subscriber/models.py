"""The model of every event's data; written from the registry with the contract of the events."""

from broker.transform.canonical.cancellation import (
    BatchCancellationRequest,
    CancellationRequest,
    CancellationRequestMessage,
)
from broker.transform.canonical.collection import Collection, CollectionMessage
from broker.transform.canonical.direct_debit import DirectDebit, DirectDebitMessage
from broker.transform.canonical.fi_direct_debit import FiDirectDebit, FiDirectDebitMessage
from broker.transform.canonical.fi_transfer import FiTransfer, FiTransferMessage
from broker.transform.canonical.initiation import Initiation, InitiationMessage
from broker.transform.canonical.inquiry import (
    AdditionalInformation,
    ClaimNonReceipt,
    ModificationRequest,
    UnableToApply,
)
from broker.transform.canonical.investigation import InvestigationRequest, InvestigationResponse
from broker.transform.canonical.mandate import (
    MandateAcceptance,
    MandateAmendment,
    MandateCancellation,
    MandateCopyRequest,
    MandateInitiation,
    MandateMessage,
    MandateSuspension,
)
from broker.transform.canonical.notification_to_receive import (
    NotificationCancellation,
    NotificationCancellationMessage,
    NotificationToReceive,
    NotificationToReceiveMessage,
)
from broker.transform.canonical.payment_charges import (
    ChargesNotification,
    ChargesNotificationMessage,
    ChargesRequest,
    ChargesRequestMessage,
)
from broker.transform.canonical.payment_return import PaymentReturn, ReturnMessage
from broker.transform.canonical.registry import Generic
from broker.transform.canonical.report_request import ReportRequest, ReportRequestMessage
from broker.transform.canonical.request_to_pay import (
    RequestToPay,
    RequestToPayMessage,
    RequestToPayStatus,
    RequestToPayStatusMessage,
)
from broker.transform.canonical.resolution import BatchCancellationResolution, CancellationResolution, ResolutionMessage
from broker.transform.canonical.reversal import Reversal, ReversalMessage
from broker.transform.canonical.statement import (
    NotificationEntry,
    NotificationMessage,
    ReportEntry,
    ReportMessage,
    StatementEntry,
    StatementMessage,
)
from broker.transform.canonical.status import Status, StatusMessage
from broker.transform.canonical.status_request import StatusRequest, StatusRequestMessage
from broker.transform.canonical.system import (
    MessageRejection,
    Receipt,
    ReceiptAcknowledgement,
    ReceiptAcknowledgementMessage,
    ReceiptMessage,
    SystemEvent,
    SystemEventAcknowledgement,
)
from broker.transform.canonical.transfer import Transfer, TransferMessage

__all__ = [
    "AdditionalInformation",
    "BatchCancellationRequest",
    "BatchCancellationResolution",
    "CancellationRequest",
    "CancellationRequestMessage",
    "CancellationResolution",
    "ChargesNotification",
    "ChargesNotificationMessage",
    "ChargesRequest",
    "ChargesRequestMessage",
    "ClaimNonReceipt",
    "Collection",
    "CollectionMessage",
    "DirectDebit",
    "DirectDebitMessage",
    "FiDirectDebit",
    "FiDirectDebitMessage",
    "FiTransfer",
    "FiTransferMessage",
    "Generic",
    "Initiation",
    "InitiationMessage",
    "InvestigationRequest",
    "InvestigationResponse",
    "MandateAcceptance",
    "MandateAmendment",
    "MandateCancellation",
    "MandateCopyRequest",
    "MandateInitiation",
    "MandateMessage",
    "MandateSuspension",
    "MessageRejection",
    "ModificationRequest",
    "NotificationCancellation",
    "NotificationCancellationMessage",
    "NotificationEntry",
    "NotificationMessage",
    "NotificationToReceive",
    "NotificationToReceiveMessage",
    "PaymentReturn",
    "Receipt",
    "ReceiptAcknowledgement",
    "ReceiptAcknowledgementMessage",
    "ReceiptMessage",
    "ReportEntry",
    "ReportMessage",
    "ReportRequest",
    "ReportRequestMessage",
    "RequestToPay",
    "RequestToPayMessage",
    "RequestToPayStatus",
    "RequestToPayStatusMessage",
    "ResolutionMessage",
    "ReturnMessage",
    "Reversal",
    "ReversalMessage",
    "StatementEntry",
    "StatementMessage",
    "Status",
    "StatusMessage",
    "StatusRequest",
    "StatusRequestMessage",
    "SystemEvent",
    "SystemEventAcknowledgement",
    "Transfer",
    "TransferMessage",
    "UnableToApply",
]

"""Which event types there are, and the model of each one's ``data``: the contract with those who read them.

A version is raised when a change would break a reader: a field removed, renamed, or no longer always there.
"""

from collections.abc import Mapping
from typing import Any

from broker.transform.canonical.cancellation import (
    BatchCancellationRequest,
    CancellationRequest,
    CancellationRequestMessage,
)
from broker.transform.canonical.collection import Collection, CollectionMessage
from broker.transform.canonical.direct_debit import DirectDebit, DirectDebitMessage
from broker.transform.canonical.fi_direct_debit import FiDirectDebit, FiDirectDebitMessage
from broker.transform.canonical.fi_transfer import FiTransfer, FiTransferMessage
from broker.transform.canonical.form import Canonical
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
from broker.transform.canonical.report_request import ReportRequest, ReportRequestMessage
from broker.transform.canonical.request_to_pay import (
    RequestToPay,
    RequestToPayMessage,
    RequestToPayStatus,
    RequestToPayStatusMessage,
)
from broker.transform.canonical.resolution import (
    BatchCancellationResolution,
    CancellationResolution,
    ResolutionMessage,
)
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


class Generic(Canonical):
    """A message that no mapping claims: its RA JSON, losslessly."""

    ra_json: dict[str, Any]
    """The whole message in its own form."""


GENERIC = "iso20022.message.generic.v1"

EVENTS: Mapping[str, type[Canonical]] = {
    "iso20022.payment.transfer-message.v1": TransferMessage,
    "iso20022.payment.transfer.v1": Transfer,
    "iso20022.payment.fi-transfer-message.v1": FiTransferMessage,
    "iso20022.payment.fi-transfer.v1": FiTransfer,
    "iso20022.payment.fi-direct-debit-message.v1": FiDirectDebitMessage,
    "iso20022.payment.fi-direct-debit.v1": FiDirectDebit,
    "iso20022.payment.status-request-message.v1": StatusRequestMessage,
    "iso20022.payment.status-request.v1": StatusRequest,
    "iso20022.payment.notification-to-receive-message.v1": NotificationToReceiveMessage,
    "iso20022.payment.notification-to-receive.v1": NotificationToReceive,
    "iso20022.payment.notification-cancellation-message.v1": NotificationCancellationMessage,
    "iso20022.payment.notification-cancellation.v1": NotificationCancellation,
    "iso20022.system.message-rejection.v1": MessageRejection,
    "iso20022.system.event.v1": SystemEvent,
    "iso20022.system.event-acknowledgement.v1": SystemEventAcknowledgement,
    "iso20022.system.receipt-acknowledgement-message.v1": ReceiptAcknowledgementMessage,
    "iso20022.system.receipt-acknowledgement.v1": ReceiptAcknowledgement,
    "iso20022.system.receipt-message.v1": ReceiptMessage,
    "iso20022.system.receipt.v1": Receipt,
    "iso20022.payment.status-message.v1": StatusMessage,
    "iso20022.payment.status.v1": Status,
    "iso20022.payment.return-message.v1": ReturnMessage,
    "iso20022.payment.return.v1": PaymentReturn,
    "iso20022.payment.reversal-message.v1": ReversalMessage,
    "iso20022.payment.reversal.v1": Reversal,
    "iso20022.payment.initiation-message.v1": InitiationMessage,
    "iso20022.payment.initiation.v1": Initiation,
    "iso20022.payment.collection-message.v1": CollectionMessage,
    "iso20022.payment.collection.v1": Collection,
    "iso20022.payment.direct-debit-message.v1": DirectDebitMessage,
    "iso20022.payment.direct-debit.v1": DirectDebit,
    "iso20022.payment.cancellation-request-message.v1": CancellationRequestMessage,
    "iso20022.payment.cancellation-request.v1": CancellationRequest,
    "iso20022.payment.batch-cancellation-request.v1": BatchCancellationRequest,
    "iso20022.account.statement-message.v1": StatementMessage,
    "iso20022.account.statement-entry.v1": StatementEntry,
    "iso20022.account.report-message.v1": ReportMessage,
    "iso20022.account.report-entry.v1": ReportEntry,
    "iso20022.account.notification-message.v1": NotificationMessage,
    "iso20022.account.notification-entry.v1": NotificationEntry,
    "iso20022.account.report-request-message.v1": ReportRequestMessage,
    "iso20022.account.report-request.v1": ReportRequest,
    "iso20022.payment.charges-notification-message.v1": ChargesNotificationMessage,
    "iso20022.payment.charges-notification.v1": ChargesNotification,
    "iso20022.payment.charges-request-message.v1": ChargesRequestMessage,
    "iso20022.payment.charges-request.v1": ChargesRequest,
    "iso20022.investigation.unable-to-apply.v1": UnableToApply,
    "iso20022.investigation.claim-non-receipt.v1": ClaimNonReceipt,
    "iso20022.investigation.additional-information.v1": AdditionalInformation,
    "iso20022.investigation.modification-request.v1": ModificationRequest,
    "iso20022.investigation.resolution-message.v1": ResolutionMessage,
    "iso20022.investigation.cancellation-resolution.v1": CancellationResolution,
    "iso20022.investigation.customer-cancellation-resolution.v1": CancellationResolution,
    "iso20022.investigation.batch-cancellation-resolution.v1": BatchCancellationResolution,
    "iso20022.investigation.request.v1": InvestigationRequest,
    "iso20022.investigation.response.v1": InvestigationResponse,
    "iso20022.request.to-pay-message.v1": RequestToPayMessage,
    "iso20022.request.to-pay.v1": RequestToPay,
    "iso20022.request.to-pay-status-message.v1": RequestToPayStatusMessage,
    "iso20022.request.to-pay-status.v1": RequestToPayStatus,
    "iso20022.mandate.initiation-message.v1": MandateMessage,
    "iso20022.mandate.initiation.v1": MandateInitiation,
    "iso20022.mandate.amendment-message.v1": MandateMessage,
    "iso20022.mandate.amendment.v1": MandateAmendment,
    "iso20022.mandate.cancellation-message.v1": MandateMessage,
    "iso20022.mandate.cancellation.v1": MandateCancellation,
    "iso20022.mandate.acceptance-message.v1": MandateMessage,
    "iso20022.mandate.acceptance.v1": MandateAcceptance,
    "iso20022.mandate.copy-request-message.v1": MandateMessage,
    "iso20022.mandate.copy-request.v1": MandateCopyRequest,
    "iso20022.mandate.suspension-message.v1": MandateMessage,
    "iso20022.mandate.suspension.v1": MandateSuspension,
    GENERIC: Generic,
}
"""Event type → model of the event's data. ``…-message`` speaks of a message as a whole, the other of one item in it."""

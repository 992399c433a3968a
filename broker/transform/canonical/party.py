"""Who takes part in a payment: parties, agents (the banks between them), their accounts and addresses."""

from broker.transform.canonical.form import Canonical, Code, Country, Currency, Date, Text


class GenericId(Canonical):
    """An identifier with the scheme that gives it meaning, and who issued it."""

    id: Text
    """The identifier."""
    scheme: Code | None = None
    issuer: Text | None = None
    """Who gave the identifier out."""


class CodeOrId(Canonical):
    """What kind something is: a code of the standard or an identifier agreed between the parties."""

    code: Text | None = None
    proprietary: GenericId | None = None


class Address(Canonical):
    """A postal address: structured (named parts), unstructured (``lines``) or hybrid (both)."""

    type: CodeOrId | None = None
    """What kind of address it is."""
    care_of: Text | None = None
    """The person or firm that takes mail for the addressee."""
    department: Text | None = None
    """The department of the organisation."""
    sub_department: Text | None = None
    """The part of the department."""
    street: Text | None = None
    """The street."""
    building_number: Text | None = None
    """The number of the house."""
    building_name: Text | None = None
    """The name of the house."""
    floor: Text | None = None
    """The floor."""
    unit_number: Text | None = None
    """The flat or suite."""
    post_box: Text | None = None
    """The post office box."""
    room: Text | None = None
    """The room."""
    post_code: Text | None = None
    """The postal code."""
    town: Text | None = None
    """The town."""
    town_location: Text | None = None
    """The part of the town."""
    district: Text | None = None
    """The district of the country's part."""
    country_subdivision: Text | None = None
    """The part of the country: a state, province or canton."""
    country: Country | None = None
    """The country, two letters."""
    lines: tuple[Text, ...] | None = None
    """Lines without names of their own, as printed on a letter."""


class OrganisationId(Canonical):
    """What identifies an organisation."""

    bic: Text | None = None
    lei: Text | None = None
    other: tuple[GenericId, ...] | None = None
    """Numbers of registers, tax offices and the like."""


class Birth(Canonical):
    """When and where a person was born."""

    date: Date
    """The day of the birth."""
    province: Text | None = None
    """The province."""
    city: Text
    """The town."""
    country: Country
    """The country of the birth."""


class PersonId(Canonical):
    """What identifies a private person."""

    birth: Birth | None = None
    """When and where the person was born."""
    other: tuple[GenericId, ...] | None = None
    """Numbers of a passport, an identity card and the like."""


class OtherContact(Canonical):
    """A further way to reach somebody."""

    channel: Text | None = None
    """By which channel, as a code."""
    id: Text | None = None
    """The number or address there."""


class Contact(Canonical):
    """How to reach a party."""

    name_prefix: Text | None = None
    """The form of address, as a code."""
    name: Text | None = None
    """Whom to ask for."""
    phone: Text | None = None
    """The telephone number, such as +49-6912345678."""
    mobile: Text | None = None
    """The mobile number."""
    fax: Text | None = None
    """The fax number."""
    url: Text | None = None
    """A web page."""
    email: Text | None = None
    """The e-mail address."""
    email_purpose: Text | None = None
    """What the e-mail address is for."""
    job_title: Text | None = None
    """The title of the post."""
    responsibility: Text | None = None
    """What the person is responsible for."""
    department: Text | None = None
    """The department of the organisation."""
    other: tuple[OtherContact, ...] | None = None
    """Further ways."""
    preferred_method: Text | None = None
    """How they like to be reached best, as a code."""


class Party(Canonical):
    """A person or an organisation: a debtor, a creditor, whoever they act for."""

    name: Text | None = None
    """The name of the person or organisation."""
    address: Address | None = None
    organisation: OrganisationId | None = None
    """What identifies it, where it is an organisation."""
    person: PersonId | None = None
    """What identifies it, where it is a person."""
    country_of_residence: Country | None = None
    """The country where it lives or has its seat."""
    contact: Contact | None = None
    """How to reach it."""


class ClearingMember(Canonical):
    """A bank's number in a clearing system, such as a sort code, and which system that is."""

    system: Code | None = None
    """Which clearing system, such as DEBLZ for German sort codes."""
    member_id: Text
    """The number in that system."""


class Branch(Canonical):
    """A branch of a bank."""

    id: Text | None = None
    """What identifies the branch."""
    lei: Text | None = None
    name: Text | None = None
    """The name of the branch."""
    address: Address | None = None


class Agent(Canonical):
    """A bank or another financial institution in its role in a payment."""

    bic: Text | None = None
    clearing_member: ClearingMember | None = None
    """The bank's number in a clearing system."""
    lei: Text | None = None
    name: Text | None = None
    """The name of the bank."""
    address: Address | None = None
    other: GenericId | None = None
    """Another identifier."""
    branch: Branch | None = None
    """The branch, where that is said."""


class PartyOrAgent(Canonical):
    """Whoever plays a role that a customer or a bank can play: exactly one of the two."""

    party: Party | None = None
    """The customer, where it is one."""
    agent: Agent | None = None
    """The bank, where it is one."""


class Proxy(Canonical):
    """Something that stands for an account: a phone number, an e-mail address."""

    type: Code | None = None
    """What kind of thing stands for the account, such as TELE for a telephone number."""
    id: Text
    """The number or address that stands for the account."""


class Account(Canonical):
    """A cash account: identified by its ``iban`` or by ``other``."""

    iban: Text | None = None
    other: GenericId | None = None
    """Another identifier, where there is no IBAN."""
    type: Code | None = None
    """What kind of account it is, such as CACC for a current account."""
    currency: Currency | None = None
    """The currency the account is kept in."""
    name: Text | None = None
    """The name of the account."""
    proxy: Proxy | None = None
    """What stands for the account, such as a phone number."""


class AgentWithAccount(Canonical):
    """A bank in the chain, and its account where the message names one."""

    agent: Agent | None = None
    account: Account | None = None

"""An XSD of our own that uses everything the standard's files use, once: small enough to read, for tests to vary."""

SMALL = """\
<xs:schema xmlns="urn:iso:std:iso:20022:tech:xsd:demo.001.001.01" xmlns:xs="http://www.w3.org/2001/XMLSchema"
           elementFormDefault="qualified" targetNamespace="urn:iso:std:iso:20022:tech:xsd:demo.001.001.01">
  <xs:element name="Document" type="Document"/>
  <xs:complexType name="Document">
    <xs:sequence>
      <xs:element name="Greetng" type="GreetingV01"/>
    </xs:sequence>
  </xs:complexType>
  <xs:complexType name="GreetingV01">
    <xs:sequence>
      <xs:element name="Id" type="Max35Text"/>
      <xs:element name="Tm" type="DateTime" minOccurs="0"/>
      <xs:element name="Amt" type="Amount" minOccurs="0" maxOccurs="3"/>
      <xs:choice>
        <xs:element name="Agt" type="Code"/>
        <xs:element name="Clnt" type="Max35Text" minOccurs="0"/>
      </xs:choice>
      <xs:element name="Who" type="WhoChoice" maxOccurs="unbounded"/>
      <xs:element name="Bin" type="Binary" minOccurs="0"/>
      <xs:element name="Envlp" type="Envelope" minOccurs="0"/>
    </xs:sequence>
  </xs:complexType>
  <xs:complexType name="WhoChoice">
    <xs:choice>
      <xs:element name="Nm" type="Max35Text"/>
      <xs:element name="BIC" type="BICIdentifier"/>
      <xs:element name="Flg" type="Flag"/>
    </xs:choice>
  </xs:complexType>
  <xs:complexType name="Envelope">
    <xs:sequence>
      <xs:any namespace="##any" processContents="lax"/>
    </xs:sequence>
  </xs:complexType>
  <xs:complexType name="Amount">
    <xs:simpleContent>
      <xs:extension base="Amount_SimpleType">
        <xs:attribute name="Ccy" type="CurrencyCode" use="required"/>
      </xs:extension>
    </xs:simpleContent>
  </xs:complexType>
  <xs:simpleType name="Amount_SimpleType">
    <xs:restriction base="xs:decimal">
      <xs:minInclusive value="0"/>
      <xs:maxInclusive value="999"/>
      <xs:totalDigits value="5"/>
      <xs:fractionDigits value="2"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="BICIdentifier">
    <xs:restriction base="xs:string">
      <xs:pattern value="[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="Binary">
    <xs:restriction base="xs:base64Binary">
      <xs:minLength value="1"/>
      <xs:maxLength value="100"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="Code">
    <xs:restriction base="xs:string">
      <xs:enumeration value="HIGH"/>
      <xs:enumeration value="NORM"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="CurrencyCode">
    <xs:restriction base="xs:string">
      <xs:pattern value="[A-Z]{3}"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="DateTime">
    <xs:restriction base="xs:dateTime"/>
  </xs:simpleType>
  <xs:simpleType name="Flag">
    <xs:restriction base="xs:boolean"/>
  </xs:simpleType>
  <xs:simpleType name="Max35Text">
    <xs:restriction base="xs:string">
      <xs:minLength value="1"/>
      <xs:maxLength value="35"/>
    </xs:restriction>
  </xs:simpleType>
</xs:schema>
"""


def varied(old: str, new: str, text: str = SMALL) -> str:
    """Give the text with its one ``old`` replaced by ``new``; a variation that would not vary is an error."""
    if text.count(old) != 1:
        raise ValueError(f"{old!r} occurs {text.count(old)} times")
    return text.replace(old, new)

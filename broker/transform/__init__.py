"""How a message changes form: RA JSON both ways, the mapping language and its engine, canonical models, events.

``ra_json`` turns XML into the standard's own JSON and back, losslessly. ``mapping`` reads the files under ``mappings/``
and turns RA JSON into what microservices read, whose shape ``canonical`` owns. ``events`` wraps that in CloudEvents.
Everything here is pure: no clock, no random source, no database, no transport.
"""

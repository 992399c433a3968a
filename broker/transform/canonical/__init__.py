"""What a microservice reads: one shape a business event, whatever message and version it came in.

The models are frozen and closed (an unknown member is refused). They own names and shapes; where a value lives in a
message is the business of the files under ``mappings/``, and these models know neither XML nor ISO tags.
Absent in the message means absent here: no model has a default other than absence.
"""

"""What is published of the events for their readers: JSON Schemas, examples, the AsyncAPI document.

All of it is made from the models of ``broker.transform.canonical``. It must not know how events are made or carried.
"""

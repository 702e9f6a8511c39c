"""The samples against whatever service a `.env` names: `pytest --live`."""

"""Every receiver of this package, as a table. A receiver decides nothing: a few lines, one call."""

RECEIVERS: list = []


def connect() -> None:
    for signal, receiver, sender in RECEIVERS:
        signal.connect(receiver, sender=sender, dispatch_uid=f"workflows.{receiver.__name__}")

from incidents.admin import incident, reference, tasks

__all__ = ["incident", "reference", "tasks"]

from incidents.admin import incident, macros, reference, tasks

__all__ = ["incident", "macros", "reference", "tasks"]

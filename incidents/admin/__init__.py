from incidents.admin import handover, incident, macros, reference, tasks

__all__ = ["handover", "incident", "macros", "reference", "tasks"]

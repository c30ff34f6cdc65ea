from incidents.models.access import NamedPerson
from incidents.models.assessment import RiskAssessment
from incidents.models.category import Category
from incidents.models.evidence import CustodyEvent, Evidence
from incidents.models.incident import Incident
from incidents.models.organisation import Department, Tenant, VirtualMachine, Workspace
from incidents.models.priority import PriorityChange
from incidents.models.task import Task
from incidents.models.timeline import TimelineEntry, TimelineHead

__all__ = [
    "Category",
    "CustodyEvent",
    "Department",
    "Evidence",
    "Incident",
    "NamedPerson",
    "PriorityChange",
    "RiskAssessment",
    "Task",
    "Tenant",
    "TimelineEntry",
    "TimelineHead",
    "VirtualMachine",
    "Workspace",
]

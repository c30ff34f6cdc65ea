from incidents.models.access import BreakGlass, NamedPerson
from incidents.models.assessment import RiskAssessment
from incidents.models.category import Category
from incidents.models.evidence import CustodyEvent, Evidence
from incidents.models.handover import HandOver
from incidents.models.incident import Incident
from incidents.models.links import IncidentLink
from incidents.models.macro import Macro
from incidents.models.organisation import Department, Tenant, VirtualMachine, Workspace
from incidents.models.presence import Presence
from incidents.models.priority import PriorityChange
from incidents.models.signature import SecondSignature
from incidents.models.task import Task
from incidents.models.timeline import TimelineEntry, TimelineHead

__all__ = [
    "BreakGlass",
    "Category",
    "CustodyEvent",
    "Department",
    "Evidence",
    "HandOver",
    "Incident",
    "IncidentLink",
    "Macro",
    "NamedPerson",
    "Presence",
    "PriorityChange",
    "RiskAssessment",
    "SecondSignature",
    "Task",
    "Tenant",
    "TimelineEntry",
    "TimelineHead",
    "VirtualMachine",
    "Workspace",
]

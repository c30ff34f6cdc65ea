"""What the record announces. Every signal is sent inside the transaction, after the save."""

from django.dispatch import Signal

incident_transitioned = Signal()
"""An incident took a step. Provides: incident, step, source, target, by."""

incident_merged = Signal()
"""An incident was merged into another one, and is closed. Provides: incident, target, by."""

message_received = Signal()
"""The reporter wrote something new. Provides: incident, entry."""

reopening_requested = Signal()
"""The reporter of a closed incident asks to reopen it. Provides: incident, entry."""

reply_sent = Signal()
"""The team answered the reporter. Provides: incident, entry, by."""

update_shared = Signal()
"""The team wrote to those who answer for the affected workspaces. Provides: incident, entry, by."""

people_mentioned = Signal()
"""A note calls people by name who may see the incident. Provides: incident, entry, people, by."""

signature_asked = Signal()
"""Somebody asks for a second signature. Provides: signature."""

signature_answered = Signal()
"""The second person agreed or declined. Provides: signature, by."""

hand_over_offered = Signal()
"""Somebody offers their work to a colleague. Provides: hand_over."""

hand_over_answered = Signal()
"""The successor accepted or declined. Provides: hand_over, by, moved (incidents they own now)."""

glass_broken = Signal()
"""A superuser opened a restricted incident without being named. Provides: opening."""

task_settled = Signal()
"""A task was done, waived or cancelled. Provides: task, by."""

milestone_set = Signal()
"""A milestone got its value, or another one. Provides: incident, name, by."""

risk_assessed = Signal()
"""A version of the risk assessment was saved. Provides: incident, assessment, by."""

facts_changed = Signal()
"""Facts were edited. Provides: incident, changed (field -> [old, new]), by."""

priority_raised = Signal()
"""A person raised the priority; the machine's own raises ring by themselves.
Provides: incident, by."""

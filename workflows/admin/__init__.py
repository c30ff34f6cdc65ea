from workflows.admin import alerts, panels, playbooks, rules

__all__ = ["alerts", "panels", "playbooks", "rules"]

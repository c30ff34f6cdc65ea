"""The ten shipped playbooks are those of DOMAIN.md 6: every task, role, due time and mark."""

from datetime import UTC, datetime
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml

from incidents.states import BreachStatus, Confidentiality, Phase
from incidents.working_time import WorkingCalendar
from workflows import due
from workflows.playbook_format import SHIPPED, TAXONOMY, Playbook, Task, load_shipped

PLAYBOOKS = load_shipped()
CODES = ["DB", "RISK", "PHISH", "MAL", "LOST", "ACC", "DOS", "VULN", "INSIDER", "SUPP"]

# id|phase|role|due|marks|after|title: "!" mandatory, "!!" no-waive as well, "?" on a condition.
COMMON = """
CM1|assess|IH|P1: R+15 min, P2: R+1 h, else: R+4 h|!!|-|Acknowledge and call back
CM2|assess|IH|R+2 h|!!|-|Log facts
CM3|assess|IH|P1: R+4 h, P2: R+4 h, else: R+1 wd|!!|-|Risk assessment and priority
CM4|assess|DPO|R+8 h|!!|-|Personal data or significant?
CM8|eradicate|IH|C+5 wd|!|-|Root cause
CM9|learn|SDA|X+2 wd|!|-|Tell reporter
CM10|learn|MIM|X+10 wd|-?|-|Review if rule says so
"""
OWN = {
    "DB": """
DB01|assess|IH|R+30 min|!!|-|Acknowledge and confirm the report
DB02|assess|IH|R+1 h|!!|DB01|Log the facts
DB03|assess|IH|R+1 h|!!|DB01|Tell DPO and MIM; name one owner
DB04|contain|SYS|R+2 h|!!|DB01|Contain now
DB05|contain|FOR|R+4 h|!|DB01|Preserve evidence before changes
DB06|assess|DPO|R+4 h|!!|DB02|Determine whether personal data are involved
DB07|assess|DPO|R+4 h|!!|DB02|Fix our role per tenant
DB08|assess|DPO|R+6 h|!!|DB06|Set the awareness moment
DB09|notify|DPO|A+12 h, never later than contract|!!?|DB07|Notify each controller (G2)
DB10|assess|IH|A+24 h|!|DB06|Count data subjects and records
DB11|assess|IH|A+24 h|!|DB04|Recipients and misuse
DB12|assess|DPO|A+24 h|!!|DB06 DB10|Score severity (ENISA)
DB13|assess|DPO|A+36 h|!!|DB12|Risk to rights and freedoms
DB14|assess|CISO|R+12 h|!?|DB02|Significance check
DB15|notify|MGT|A+48 h|!!?|DB13|Decide: notify the authority?
DB16|notify|DPO|A+66 h|!!?|DB15|File with the authority (G1)
DB17|notify|MGT|A+60 h|!!|DB13|Decide: tell data subjects?
DB18|notify|COM|DB17+24 h|!!?|DB17|Send/publish the communication
DB19|notify|LEG|A+72 h|!|DB13|Other notices
DB20|eradicate|IH|C+5 wd|!|DB04|Root cause
DB21|eradicate|SYS|C+10 wd|!|DB20|Fix the cause
DB22|recover|SYS|C+5 wd|!|DB21|Restore and verify
DB23|notify|DPO|as announced, at most 4 weeks|!|DB16 DB09|Follow-up to authority/controllers
DB24|learn|DPO|before close|!!|DB13|Complete the breach register entry
DB25|learn|MIM|X+10 wd|!!|DB22|Evaluate
DB26|learn|SDA|X+2 wd|!|-|Tell reporter and Accountable(s) the outcome
""",
    "RISK": """
RK1|assess|SDA|R+2 h|!!|-|Log the incident
RK2|assess|IH|R+4 h|!!|RK1|Screen
RK3|assess|IH|R+1 wd|!!|RK2|Risk assessment
RK4|assess|IH|RK3+2 h|!!|RK3|Reassess priority
RK5|assess|IH|RK3+4 h|!!|RK3|Assign additional tasks
RK6|contain|SYS|R+2 wd|!?|RK3|Interim measure
RK7|assess|CISO|R+24 h|!?|RK3|Significance check
RK8|eradicate|IH|score >= 16: R+2 wd, score >= 10: R+5 wd, else: R+20 wd|!|RK5|Treat
RK9|recover|IH|RK8+5 wd|!|RK8|Verify the fix
RK10|learn|SDA|X+2 wd|!|-|Answer the reporter; lesson?
""",
    "PHISH": """
PH1|assess|SDA|R+2 h|!|CM1|Get the original mail
PH2|assess|IH|R+4 h|!!|PH1|Who clicked, who entered what?
PH3|contain|SYS|R+4 h|!|PH1|Remove the mail everywhere, block sender, URL, domain
PH4|contain|SYS|R+4 h|!!?|PH2|Reset password, end sessions, re-register MFA, check inbox rules
PH5|notify|COM|R+8 h|-|PH2|Warn users
PH6|eradicate|IH|R+2 wd|-|PH1|Take-down request
""",
    "MAL": """
ML1|contain|SYS|R+30 min|!!|CM1|Isolate, do not switch off, do not delete
ML2|contain|SYS|R+1 h|!!?|CM1|Protect backups and snapshots
ML3|assess|FOR|R+4 h|!|ML1|Capture memory and disk image
ML4|assess|FOR|R+12 h|!!|ML3|Scope
ML5|contain|SYS|R+12 h|!|ML4|Rotate exposed credentials and keys
ML6|notify|MGT|R+12 h|!!?|ML4|Ransom decision
ML7|eradicate|SYS|C+3 wd|!|ML4|Rebuild from clean image
ML8|recover|SYS|C+5 wd|!|ML7|Restore, verify integrity, watch 14 days
ML9|notify|LEG|R+24 h|!?|ML4|Police report, insurer notice
""",
    "LOST": """
LD1|contain|SYS|R+1 h|!!|CM1|Lock and wipe remotely, revoke tokens and certificates, block SIM
LD2|assess|SYS|R+4 h|!!|CM1|Encryption and unlock state
LD3|assess|IH|R+8 h|!!|CM1|What was on it
LD4|contain|SYS|R+2 h|!|CM1|Reset the user's passwords/MFA
LD5|notify|IH|R+24 h|!?|-|Police report if stolen
LD6|recover|SYS|R+5 wd|!|-|Found again? examine before use; update inventory
""",
    "ACC": """
AC1|contain|SYS|R+30 min|!!|CM1|Disable or reset the account, end all sessions and tokens
AC2|contain|FOR|R+2 h|!!|-|Preserve sign-in and audit logs
AC3|assess|FOR|R+12 h|!!|AC2|What did the intruder do?
AC4|assess|IH|R+12 h|!|AC2|Other accounts, same source or password
AC5|eradicate|SYS|R+24 h|!|AC3|Remove persistence
AC6|recover|SDA|C+1 wd|!|AC5|Give access back after identity check by phone/in person
AC7|notify|IH|R+12 h|!|AC3|Tell the Accountable of each workspace touched
""",
    "DOS": """
DS1|assess|SYS|R+15 min|!!|CM1|Attack or fault?
DS2|contain|SYS|R+30 min|!|DS1|Mitigate
DS3|notify|COM|R+30 min|!|DS1|Status page and tenants
DS4|assess|FOR|R+4 h|!|DS1|Is it a smoke screen?
DS5|recover|SYS|C+1 wd|!|DS2|Lift filters step by step, watch
""",
    "VULN": """
VU1|assess|IH|R+1 wd|!|-|Thank the finder; agree channel and dates
VU2|assess|IH|R+2 wd|!!|VU1|Reproduce and score
VU3|assess|FOR|cvss >= 9.0: R+4 h, else: R+1 wd|!!|VU1|Exploited already?
VU4|contain|SYS|cvss >= 9.0: R+24 h, cvss >= 7.0: R+3 wd|!|VU2|Mitigate
VU5|eradicate|SYS|cvss >= 9.0: R+7 d, cvss >= 7.0: R+30 d, cvss >= 4.0: R+90 d|!|VU2|Patch
VU6|recover|IH|VU5+5 wd|!|VU5|Retest; publish/credit; CVE if own product (CRA C1)
""",
    "INSIDER": """
IN1|assess|CISO|R+1 h|!!|CM1|Restrict the ticket now
IN2|assess|LEG|R+1 wd|!!|IN1|Legal ground and proportionality
IN3|contain|FOR|R+4 h|!|IN1|Preserve logs silently; limit rights if risk ≥ high
IN4|assess|FOR|R+5 wd|!|IN2|Facts, not motives
IN5|assess|HR|R+10 wd|!|IN4|Hear the person
IN6|eradicate|MGT|R+20 wd|!|IN5|Outcome
""",
    "SUPP": """
SU1|assess|SUP|R+4 h|!!|CM1|Get it in writing
SU2|assess|IH|R+8 h|!!|CM1|Which services, data, tenants of ours depend on it
SU3|contain|SYS|R+8 h|!|SU2|Cut or limit the connection; rotate shared secrets
SU4|notify|LEG|R+2 wd|!|SU1|Use the contract
SU5|notify|DPO|per contract|!|SU2|Inform tenants
SU6|recover|CISO|before resolve|!|SU1|Their report received and judged; reconnect decision
SU7|learn|SUP|X+20 wd|-|SU6|Re-rate the supplier
""",
}
HEADERS = {
    # category, severity, priority
    "DB": ("information-content-security/data-leak", 2, 1),
    "RISK": ("other/undetermined", 3, 3),
    "PHISH": ("fraud/phishing", 3, 3),
    "MAL": ("malicious-code/infected-system", 2, 2),
    "LOST": ("information-content-security/data-loss", 3, 2),
    "ACC": ("intrusions/unprivileged-account-compromise", 2, 1),
    "DOS": ("availability/ddos", 2, 1),
    "VULN": ("vulnerable/vulnerable-system", 3, 3),
    "INSIDER": ("information-content-security/unauthorised-information-access", 2, 2),
    "SUPP": ("other/other", 2, 2),
}
SHARED = {
    "acknowledge": {"DB01", "CM1"},
    "log-facts": {"DB02", "CM2", "RK1"},
    "screening": {"CM4", "RK2"},
    "risk-assessment": {"CM3", "RK3"},
    "significance-check": {"DB14", "RK7"},
    "root-cause": {"DB20", "CM8"},
    "tell-reporter": {"DB26", "CM9", "RK10"},
    "review": {"DB25", "CM10"},
}
OFFICE = WorkingCalendar("NL", "", "Europe/Amsterdam")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def described(task: Task) -> str:
    marks = "!" * (task.mandatory + task.no_waive) or "-"
    marks += "?" if task.condition else ""
    after = " ".join(task.after) or "-"
    return "|".join([task.id, task.phase, task.role, task.due, marks, after, task.title])


def find(task_id: str) -> Task:
    every = (task for playbook in PLAYBOOKS.values() for task in playbook.tasks)
    return next(task for task in every if task.id == task_id)


def due_at(task_id: str, *, priority: int = 3, **anchors: datetime) -> datetime | None:
    words = due.parse(find(task_id).due)
    return words.at({"R": MONDAY, **anchors}, priority=priority, calendar=OFFICE)


def test_there_are_exactly_the_ten_playbooks_of_the_design():
    assert set(PLAYBOOKS) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_file_is_named_after_its_code(code):
    assert f"code: {code}" in (SHIPPED / f"{code}.yaml").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("code", CODES)
def test_a_playbook_holds_the_tasks_of_the_domain_page_in_order(code):
    common = COMMON.split("\n")[1:-1]
    own = OWN[code].split("\n")[1:-1]
    whole = own if code in ("DB", "RISK") else [*common[:4], *own, *common[4:]]

    assert [described(task) for task in PLAYBOOKS[code].tasks] == whole


def test_the_data_breach_playbook_has_exactly_26_tasks():
    assert [task.id for task in PLAYBOOKS["DB"].tasks] == [f"DB{n:02}" for n in range(1, 27)]


@pytest.mark.parametrize(("code", "header"), HEADERS.items())
def test_a_playbook_begins_with_its_category_severity_and_priority(code, header):
    playbook = PLAYBOOKS[code]

    assert (playbook.category, playbook.severity, playbook.priority) == header
    assert playbook.version == 1


def test_only_a_data_breach_suspects_a_breach_and_waits_at_p2_for_confirmation():
    assert [code for code in CODES if PLAYBOOKS[code].breach] == ["DB"]
    assert {code: PLAYBOOKS[code].confirm_priority for code in CODES} == {
        code: 2 if code == "DB" else None for code in CODES
    }
    assert BreachStatus.SUSPECTED == "suspected"


def test_only_insider_misuse_is_restricted_from_the_start():
    assert [code for code in CODES if PLAYBOOKS[code].confidentiality != "team"] == ["INSIDER"]
    assert PLAYBOOKS["INSIDER"].confidentiality == Confidentiality.RESTRICTED


@pytest.mark.parametrize(
    ("code", "roles"), [("DB", ("MIM", "DPO", "CISO")), ("INSIDER", ("CISO",)), ("PHISH", ())]
)
def test_a_playbook_rings_its_own_roles_on_top_of_the_priority_table(code, roles):
    assert PLAYBOOKS[code].alerts == roles


@pytest.mark.parametrize(
    ("code", "clocks"),
    [
        ("DB", ["G1", "G2", "G4", "N1", "N2"]),
        ("DOS", ["N1", "N2"]),
        ("VULN", ["C1"]),
        ("RISK", []),
    ],
)
def test_a_playbook_proposes_its_clocks(code, clocks):
    assert [clock.id for clock in PLAYBOOKS[code].clocks] == clocks


def test_the_register_of_breaches_is_proposed_without_any_condition():
    assert [clock.id for clock in PLAYBOOKS["DB"].clocks if clock.when is None] == ["G4"]


@pytest.mark.parametrize(
    ("code", "when", "severity", "priority"),
    [
        ("PHISH", "credentials entered", 2, 2),
        ("MAL", "ransomware", 1, 1),
        ("VULN", "exploited", 1, 1),
        ("ACC", "an administrator account", None, None),
    ],
)
def test_a_variant_changes_severity_and_priority(code, when, severity, priority):
    (variant,) = PLAYBOOKS[code].variants

    assert (variant.when, variant.severity, variant.priority) == (when, severity, priority)


def test_a_variant_names_further_categories_and_playbooks():
    ransomware = "information-content-security/unauthorised-information-modification"
    assert PLAYBOOKS["MAL"].variants[0].extra_categories == (ransomware,)
    assert PLAYBOOKS["VULN"].variants[0].attach == ("ACC",)
    assert PLAYBOOKS["ACC"].variants[0].category == "intrusions/privileged-account-compromise"


def test_every_playbook_that_a_variant_attaches_exists():
    attached = {
        code for playbook in PLAYBOOKS.values() for v in playbook.variants for code in v.attach
    }
    assert attached <= set(PLAYBOOKS)


@pytest.mark.parametrize(("code", "tags"), [("INSIDER", ("x-insider",)), ("SUPP", ("x-supplier",))])
def test_a_local_tag_stands_beside_the_category(code, tags):
    assert PLAYBOOKS[code].tags == tags


@pytest.mark.parametrize("code", CODES)
def test_an_unconfirmed_match_asks_one_question_within_the_hour(code):
    confirm = PLAYBOOKS[code].confirm

    assert confirm.id == f"{code}00"
    assert (confirm.title, confirm.role, confirm.due) == ("Confirm or dismiss", "IH", "R+1 h")
    assert (confirm.mandatory, confirm.no_waive, confirm.condition) == (True, True, None)
    assert confirm.result == "Confirmed, or dismissed and why"
    assert confirm.after == ()


def test_the_same_work_in_several_playbooks_shares_a_key():
    ids: dict[str, set[str]] = {}
    for playbook in PLAYBOOKS.values():
        for task in (playbook.confirm, *playbook.tasks):
            ids.setdefault(task.dedupe_key, set()).add(task.id)

    assert {key: names for key, names in ids.items() if len(names) > 1} == SHARED
    assert all(names == {key} for key, names in ids.items() if key not in SHARED)


def test_no_combination_of_playbooks_makes_tasks_wait_in_a_circle():
    waits: dict[str, set[str]] = {}
    for playbook in PLAYBOOKS.values():
        keys = {task.id: task.dedupe_key for task in playbook.tasks}
        for task in playbook.tasks:
            waits.setdefault(task.dedupe_key, set()).update(keys[name] for name in task.after)

    assert list(TopologicalSorter(waits).static_order())


def test_a_task_that_cannot_be_waived_unconditionally_is_mandatory():
    for playbook in PLAYBOOKS.values():
        assert all(task.mandatory for task in playbook.tasks if task.no_waive)


def test_the_phases_of_tasks_are_those_of_the_record():
    used = {task.phase for playbook in PLAYBOOKS.values() for task in playbook.tasks}
    assert used == set(Phase.values)


@pytest.mark.parametrize("code", CODES)
def test_every_task_says_how_what_to_record_and_where_it_comes_from(code):
    for task in (PLAYBOOKS[code].confirm, *PLAYBOOKS[code].tasks):
        assert task.instruction.endswith((".", "?"))
        assert task.result[0].isupper()
        assert task.section[:2] in {"1 ", "2 ", "3 ", "4 ", "5 ", "6 "}


def test_the_data_breach_tasks_name_the_data_breach_procedure():
    assert PLAYBOOKS["DB"].procedure == "Data breach procedure"


@pytest.mark.parametrize("code", CODES)
def test_a_playbook_survives_being_stored_in_a_row(code):
    playbook = PLAYBOOKS[code]

    stored = playbook.model_dump(mode="json")

    assert Playbook.model_validate(stored) == playbook
    assert Playbook.model_validate_json(playbook.model_dump_json()) == playbook


@pytest.mark.parametrize(
    ("task_id", "priority", "expected"),
    [
        ("DB01", 1, datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
        ("CM1", 1, datetime(2026, 11, 23, 9, 15, tzinfo=UTC)),
        ("CM1", 2, datetime(2026, 11, 23, 10, 0, tzinfo=UTC)),
        ("CM1", 4, datetime(2026, 11, 23, 13, 0, tzinfo=UTC)),
        ("CM3", 2, datetime(2026, 11, 23, 13, 0, tzinfo=UTC)),
        ("CM3", 3, datetime(2026, 11, 24, 9, 0, tzinfo=UTC)),
        ("DB16", 1, datetime(2026, 11, 26, 3, 0, tzinfo=UTC)),
        ("DB09", 1, datetime(2026, 11, 23, 21, 0, tzinfo=UTC)),
        ("DB23", 1, datetime(2026, 12, 21, 9, 0, tzinfo=UTC)),
        ("DB20", 1, None),
        ("DB26", 1, None),
        ("DB24", 1, None),
    ],
)
def test_the_due_times_of_a_report_on_monday_morning(task_id, priority, expected):
    assert due_at(task_id, priority=priority) == expected


def test_due_times_move_with_what_becomes_known():
    noon = MONDAY.replace(hour=12)

    assert due_at("DB16", A=noon) == datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
    assert due_at("DB20", C=noon) == datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    assert due_at("DB18", DB17=noon) == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    assert due_at("DB26", X=noon) == datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def test_two_tasks_are_tied_to_a_step_instead_of_a_moment():
    gates = {
        task.id: due.parse(task.due).gate
        for playbook in PLAYBOOKS.values()
        for task in playbook.tasks
        if due.parse(task.due).gate
    }
    assert gates == {"DB24": "close", "SU6": "resolve"}


CATEGORIES = {
    "abusive-content": "spam harmful-speech violence",
    "malicious-code": "infected-system c2-server malware-distribution malware-configuration",
    "information-gathering": "scanner sniffing social-engineering",
    "intrusion-attempts": "ids-alert brute-force exploit",
    "intrusions": "privileged-account-compromise unprivileged-account-compromise "
    "application-compromise system-compromise burglary",
    "availability": "dos ddos misconfiguration sabotage outage",
    "information-content-security": "unauthorised-information-access "
    "unauthorised-information-modification data-loss data-leak",
    "fraud": "unauthorised-use-of-resources copyright masquerade phishing",
    "vulnerable": "weak-crypto ddos-amplifier potentially-unwanted-accessible "
    "information-disclosure vulnerable-system",
    "other": "other undetermined",
    "test": "test",
}
LABELS = {
    "violence": "(Child) Sexual Exploitation/Sexual/Violent Content",
    "scanner": "Scanning",
    "ids-alert": "Exploitation of Known Vulnerabilities",
    "brute-force": "Login Attempts",
    "exploit": "New Attack Signature",
    "data-leak": "Leak of Confidential Information",
}
TAGS = """x-misdelivery x-lost-device x-stolen-device x-insider x-supplier x-cross-tenant
x-egress-unapproved x-near-miss x-ransomware"""


@pytest.fixture(scope="module")
def taxonomy() -> dict:
    return yaml.safe_load(Path(TAXONOMY).read_text(encoding="utf-8"))


def test_the_taxonomy_has_the_codes_of_release_1003(taxonomy):
    codes = {
        group["code"]: " ".join(item["code"] for item in group["subcategories"])
        for group in taxonomy["classes"]
    }
    assert taxonomy["version"] == 1003
    assert codes == CATEGORIES


def test_the_taxonomy_has_a_label_for_every_code_and_the_published_ones(taxonomy):
    entries = [item for group in taxonomy["classes"] for item in group["subcategories"]]
    labels = {item["code"]: item["label"] for item in entries}

    assert all(labels.values())
    assert {code: labels[code] for code in LABELS} == LABELS
    assert labels["other"] == "Uncategorised"
    assert all(isinstance(item["veris"], str) for item in entries)


def test_the_taxonomy_lists_the_local_tags(taxonomy):
    assert [tag["code"] for tag in taxonomy["tags"]] == TAGS.split()

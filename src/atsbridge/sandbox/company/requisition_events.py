"""Events of a requisition: proposed, approved, opened, changed, paused, closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from atsbridge.sandbox.company.employees import Person
from atsbridge.sandbox.company.event_queue import CompanyWorld, Search, Slot
from atsbridge.sandbox.company.invented_names import DEPARTMENTS, LEVELS, MORE_CRITERIA
from atsbridge.sandbox.company.office_locations import DAY, OfficeLocation
from atsbridge.sandbox.company.random_source import Dice

PER_REQUISITION = (
    ("Application Review", "lead"),
    ("Recruiter Screen", "screen"),
    ("Hiring Manager Review", "review"),
    ("Take-home Task", "assessment"),
    ("First Interview", "interview"),
    ("Panel Interview", "interview"),
    ("Reference Check", "reference"),
    ("Offer", "offer"),
)
SHARED = (
    ("New lead", "lead"),
    ("Reached out", "lead"),
    ("Responded", "lead"),
    ("New applicant", "lead"),
    *PER_REQUISITION[1:],
)
_TAKES_TASK, _CALLS_REFEREES = ("Engineering", "Product"), ("Sales", "Finance", "Operations")
PAY = {"EUR": 52_000, "GBP": 50_000, "USD": 95_000, "INR": 2_400_000}
_WHIMS = (  # a weekday's chance per open search, and what then happens
    (1 / 70, "reprioritize"),
    (1 / 110, "restaff"),
    (1 / 80, "rethink"),
    (1 / 80, "retarget"),
    (1 / 160, "hold"),
    (1 / 260, "hand_over"),
    (1 / 400, "give_up"),
)


def propose(world: CompanyWorld, number: int, shared: tuple[tuple[str, str], ...]) -> None:
    """A manager opens a draft requisition with its team, interview plan and criteria."""
    dice = Dice(world.seed, 3, number)
    ledger, now = world.ledger, world.now
    managers = world.of_role("hiring_manager")
    manager = managers[number % len(managers)]
    department = dice.pick(list(DEPARTMENTS))
    prefix, titles, _ = DEPARTMENTS[department]
    pay = int(PAY[manager.place.currency] * dice.between(0.8, 1.7)) // 1000 * 1000
    headcount = 1 + dice.chance(0.2) + dice.chance(0.08)
    ref = ledger.add(
        "requisition",
        now,
        code=f"{prefix}-{100 + number}",
        title=f"{dice.pick(LEVELS)}{dice.pick(titles)}",
        status="draft",
        kind="backfill" if dice.chance(0.4) else "new",
        department=world.departments[department],
        office=world.offices[manager.office],
        confidential=dice.chance(0.04),
        headcount=headcount,
        filled=0,
        target_on=now.date() + DAY * (70 + dice.below(60)),
        pay_min=float(pay),
        pay_max=float(pay * 5 // 4),
        pay_currency=manager.place.currency,
        pay_period="year",
        priority=(priority := dice.pick(("P1", "P2", "P2", "P3"))),
        custom={
            "priority": priority,
            "budget_approved": False,
            "hiring_status": "Active",
            "employment_type": "Full-time",
        },
    )
    search = _staffed(world, ref, dice, manager, (pay, pay * 5 // 4))
    world.searches[ref] = search
    _plan(world, search, department, shared)
    search.openings = [_opening(world, search, "draft") for _ in range(headcount)]
    world.owe(search, search.recruiter, "send", "request", search)


def _staffed(
    world: CompanyWorld, ref: str, dice: Dice, manager: Person, pay: tuple[int, int]
) -> Search:
    """Create the hiring team, and return the requisition's state."""
    recruiters = world.of_role("recruiter")
    recruiter = dice.pick(world.of_role("recruiter", manager.office) or recruiters)
    coordinator = dice.pick(world.of_role("coordinator"))
    approvers = [p.id for p in world.of_role("approver")]
    team = [
        ("hiring_manager", manager.id, True),
        ("recruiter", recruiter.id, True),
        ("coordinator", coordinator.id, True),
        ("approver", approvers[0], True),
    ]
    if (sourcers := world.of_role("sourcer")) and dice.chance(0.4):
        team.append(("sourcer", dice.pick(sourcers).id, False))
    if dice.chance(0.15) and (second := dice.pick(recruiters)) is not recruiter:
        team.append(("recruiter", second.id, False))
    members = [_member(world, ref, *member) for member in team]
    return Search(
        id=ref,
        dice=dice,
        place=manager.place,
        recruiter=recruiter.id,
        manager=manager.id,
        coordinator=coordinator.id,
        approvers=tuple(approvers),
        panel=_panel(world, dice, manager),
        pay=pay,
        team=members,
        heat=1 + dice.below(3),
    )


def _member(world: CompanyWorld, requisition: str, role: str, user: str, responsible: bool) -> str:
    return world.ledger.add(
        "team_member",
        world.now,
        requisition=requisition,
        user=user,
        role=role,
        responsible=responsible,
    )


def _panel(world: CompanyWorld, dice: Dice, manager: Person) -> tuple[str, ...]:
    """The manager and four interviewers, those of the same office first."""
    near = world.of_role("interviewer", manager.office)
    far = [p for p in world.places if p is not manager.place and _meets(p, manager.place)]
    chosen = dice.some(near, 3)
    for _ in range(4 - len(chosen)):
        awake = far and world.of_role("interviewer", dice.pick(far).name)
        chosen.append(dice.pick(awake or near or world.of_role("interviewer")))
    return tuple(dict.fromkeys((manager.id, *(p.id for p in chosen))))


def _meets(one: OfficeLocation, other: OfficeLocation) -> bool:
    """Whether two offices have at least three hours in common on a summer Wednesday."""
    mine, theirs = (place.window(date(2026, 7, 8)) for place in (one, other))
    if mine is None or theirs is None:
        return False
    return min(mine[1], theirs[1]) - max(mine[0], theirs[0]) >= timedelta(hours=3)


def _plan(
    world: CompanyWorld, search: Search, department: str, shared: tuple[tuple[str, str], ...]
) -> None:
    """Create its stages, interview plan and scorecard criteria."""
    ledger, now = world.ledger, world.now
    skips = {"assessment"} if department not in _TAKES_TASK else set()
    skips |= {"reference"} if department not in _CALLS_REFEREES else set()
    if shared:
        named = {ref: ledger.get("stage", ref).name for ref, _ in shared}
        road = [(ref, kind) for ref, kind in shared if kind not in skips]
        search.stages = tuple(
            (ref, kind) for ref, kind in road if kind != "lead" or named[ref] == "New applicant"
        )
    else:
        steps = [(name, kind) for name, kind in PER_REQUISITION if kind not in skips]
        named, stages = {}, []
        for order, (name, kind) in enumerate(steps):
            ref = ledger.add("stage", now, requisition=search.id, name=name, order=order, kind=kind)
            named[ref] = name
            stages.append((ref, kind))
        search.stages = tuple(stages)
    search.plan = tuple(_slots(search, named))
    asked = tuple(ref for ref, kind in search.stages if kind in ("screen", "interview"))
    for name in DEPARTMENTS[department][2]:
        search.criteria.append(_criterion(world, search, name, asked))


def _slots(search: Search, named: Mapping[str, str]) -> list[Slot]:
    slots = []
    for ref, _ in search.stages:
        match named[ref]:
            case "Recruiter Screen":
                slots.append(Slot(ref, 0, "Recruiter screen", 30, 1))
            case "First Interview":
                slots.append(Slot(ref, 0, "First interview", 45, 1 + search.dice.chance(0.4)))
            case "Panel Interview":
                slots.append(Slot(ref, 0, "Skills panel", 60, 2 + search.dice.chance(0.4)))
                if search.dice.chance(0.6):
                    slots.append(Slot(ref, 1, "Values conversation", 45, 1))
    return slots


def _criterion(world: CompanyWorld, search: Search, name: str, stages: tuple[str, ...]) -> str:
    kind = "Personality" if name in MORE_CRITERIA or name == "Resilience" else "Skills"
    return world.ledger.add(
        "criterion", world.now, requisition=search.id, name=name, type=kind, stages=stages
    )


def _opening(world: CompanyWorld, search: Search, status: str) -> str:
    row = world.ledger.get("requisition", search.id)
    return world.ledger.add(
        "opening",
        world.now,
        requisition=search.id,
        status=status,
        opened_at=world.now if status == "open" else None,
        target_on=row.target_on,
    )


def _set(
    world: CompanyWorld, search: Search, custom: Mapping[str, object], **values: object
) -> None:
    row = world.ledger.get("requisition", search.id)
    values["custom"] = {**row.custom, **custom}
    world.ledger.change("requisition", search.id, world.now, **values)


# --- approval ---


def request(world: CompanyWorld, search: Search) -> None:
    """The recruiter asks for approval."""
    ledger, now = world.ledger, world.now
    _set(world, search, {}, status="pending_approval")
    approvals = tuple(
        ledger.add(
            "approval",
            now,
            requisition=search.id,
            user=user,
            status="waiting" if place else "due",
            requested_at=None if place else now,
        )
        for place, user in enumerate(search.approvers)
    )
    world.owe(search, search.approvers[0], "approve", "sign", search, approvals)


def sign(world: CompanyWorld, search: Search, approvals: tuple[str, ...]) -> None:
    """One approver approves; the next one is asked, or the requisition opens."""
    ledger, now = world.ledger, world.now
    ledger.change("approval", approvals[0], now, status="approved", decided_at=now)
    if rest := approvals[1:]:
        ledger.change("approval", rest[0], now, status="due", requested_at=now)
        user = ledger.get("approval", rest[0]).user
        world.owe(search, user, "approve", "sign", search, rest)
        return
    _set(world, search, {"budget_approved": True}, status="open", opened_at=now)
    search.open = True
    for opening in search.openings:
        ledger.change("opening", opening, now, status="open", opened_at=now)


# --- changes of mind ---


def whim_of_the_day(world: CompanyWorld, search: Search) -> str | None:
    """The change of mind on an open requisition today; None on most days."""
    factor = world.people[search.manager].habit.whims
    left = search.dice.random()
    for share, act in _WHIMS:
        left -= share if act in ("hold", "hand_over", "give_up") else share * factor
        if left < 0:
            return act
    return None


def reprioritize(world: CompanyWorld, search: Search) -> None:
    """The manager changes the priority."""
    now = world.ledger.get("requisition", search.id).priority
    new = search.dice.pick([p for p in ("P1", "P2", "P3") if p != now])
    _set(world, search, {"priority": new}, priority=new)


def rebudget(world: CompanyWorld, search: Search) -> None:
    """Finance sets the pay range of an entry job, whatever the level."""
    usual = PAY[search.place.currency]
    _set(world, search, {}, pay_min=usual * 0.6, pay_max=usual * 0.75)


def restaff(world: CompanyWorld, search: Search) -> None:
    """The headcount rises by one, or falls by one if an opening is free."""
    row = world.ledger.get("requisition", search.id)
    if search.dice.chance(0.5) or row.headcount - row.filled < 2:
        search.openings.append(_opening(world, search, "open"))
        _set(world, search, {}, headcount=row.headcount + 1)
        return
    spare = next(o for o in search.openings if world.ledger.get("opening", o).status == "open")
    world.ledger.change("opening", spare, world.now, status="closed", closed_at=world.now)
    _set(world, search, {}, headcount=row.headcount - 1)


def rethink(world: CompanyWorld, search: Search) -> None:
    """The manager adds a criterion."""
    known = {world.ledger.get("criterion", c).name for c in search.criteria}
    new = [name for name in MORE_CRITERIA if name not in known]
    if new:
        asked = tuple(ref for ref, kind in search.stages if kind in ("screen", "interview"))
        search.criteria.append(_criterion(world, search, search.dice.pick(new), asked))


def retarget(world: CompanyWorld, search: Search) -> None:
    """The target date moves."""
    row = world.ledger.get("requisition", search.id)
    by = (14 + search.dice.below(30)) * (1 if search.dice.chance(0.7) else -1)
    _set(world, search, {}, target_on=row.target_on + by * DAY)


def hold(world: CompanyWorld, search: Search) -> None:
    """The requisition goes on hold for one to three weeks."""
    search.held = True
    _set(world, search, {"hiring_status": "On hold"}, status="on_hold")
    back = world.after(search.manager, search.dice.hours(40, 130))
    world.at(back, "resume", search)


def resume(world: CompanyWorld, search: Search) -> None:
    """The requisition is no longer on hold."""
    search.held = False
    if search.open:
        _set(world, search, {"hiring_status": "Active"}, status="open")


def hand_over(world: CompanyWorld, search: Search) -> None:
    """Another recruiter takes over; active applications keep their recruiter."""
    others = [p.id for p in world.of_role("recruiter") if p.id != search.recruiter]
    if not others:
        return
    team = [world.ledger.get("team_member", ref) for ref in search.team]
    for member in team:
        if member.role == "recruiter" and member.responsible:
            world.ledger.change("team_member", member.id, world.now, responsible=False)
    search.recruiter = search.dice.pick(others)
    for member in team:
        if member.role == "recruiter" and member.user == search.recruiter:
            world.ledger.change("team_member", member.id, world.now, responsible=True)
            return
    search.team.append(_member(world, search.id, "recruiter", search.recruiter, True))


def give_up(world: CompanyWorld, search: Search) -> None:
    """The requisition is closed without all hires."""
    search.open = False
    _set(world, search, {}, status="closed", closed_at=world.now)
    for opening in search.openings:
        if world.ledger.get("opening", opening).status == "open":
            world.ledger.change("opening", opening, world.now, status="closed", closed_at=world.now)
    world.at(world.after(search.recruiter, timedelta(hours=5)), "clear", search)

"""The heap that is frozen before a fork, in real processes: what the program asks of `gc` thaws it, what pytest asks does not."""

from __future__ import annotations

import pytest
from script import run_script

HEAD = """
import gc
plain = {name: getattr(gc, name) for name in ("collect", "get_objects", "get_freeze_count", "freeze", "unfreeze")}
# Python 3.12 lets immortal objects join the frozen ones by itself.
gc.collect()
immortal = gc.get_freeze_count()
def is_frozen():
    return plain["get_freeze_count"]() - immortal > 1000

from prewarm._frozen_heap import FrozenHeap
heap = FrozenHeap()
heap.watch()

class Thing:
    pass

def make_cycle(cls):
    thing = cls()
    thing.itself = thing

thing = Thing()

def ask_as(module, code):
    return eval(code, {"__name__": module, "gc": gc, "thing": thing})
"""


def test_what_is_loaded_is_out_of_the_collectors_way() -> None:
    told = run_script(
        HEAD
        + """
told["before"] = is_frozen()
heap.freeze()
told["after"] = is_frozen()
told["generations"] = sum(gc.get_count()) < 100
"""
    )
    assert told == {"before": False, "after": True, "generations": True}


@pytest.mark.parametrize(
    "code",
    [
        "gc.collect()",
        "gc.get_objects()",
        "gc.get_referrers(thing)",
        "gc.get_stats()",
        "gc.get_freeze_count()",
        "gc.freeze()",
        "gc.unfreeze()",
    ],
)
@pytest.mark.parametrize("module", ["__main__", "conftest", "pytest_mock", "shop.cache"])
def test_a_question_of_the_program_thaws(module: str, code: str) -> None:
    told = run_script(
        HEAD
        + f"""
heap.freeze()
answer = ask_as({module!r}, {code!r})
told["frozen"] = is_frozen()
told["by the program"] = {code!r} == "gc.freeze()"
"""
    )
    assert told["frozen"] == told["by the program"]


@pytest.mark.parametrize("module", ["_pytest.unraisableexception", "_pytest.pytester"])
def test_a_collection_of_pytest_does_not(module: str) -> None:
    told = run_script(
        HEAD
        + f"""
heap.freeze()
ask_as({module!r}, "gc.collect()")
told["by pytest"] = is_frozen()
ask_as("program", "gc.collect()")
told["by the program"] = is_frozen()
"""
    )
    assert told == {"by pytest": True, "by the program": False}


def test_the_program_sees_all_objects_as_in_a_cold_start() -> None:
    told = run_script(
        HEAD
        + """
holder = [thing]
heap.freeze()
told["hidden"] = any(each is thing for each in plain["get_objects"]())
told["objects"] = any(each is thing for each in gc.get_objects())
told["referrers"] = any(each is holder for each in gc.get_referrers(thing))
told["frozen"] = is_frozen()
"""
    )
    assert told == {"hidden": False, "objects": True, "referrers": True, "frozen": False}


def test_garbage_of_the_start_is_not_kept_for_ever() -> None:
    told = run_script(
        HEAD
        + """
class Base:
    pass
class Derived(Base):
    pass
del Derived
make_cycle(Thing)
heap.freeze()
told["subclasses"] = len(Base.__subclasses__())
told["things"] = len([each for each in gc.get_objects() if type(each) is Thing])
"""
    )
    assert told == {"subclasses": 0, "things": 1}


def test_garbage_that_is_made_later_is_collected_while_the_rest_stays_frozen() -> None:
    told = run_script(
        HEAD
        + """
heap.freeze()
make_cycle(Thing)
told["collected"] = ask_as("_pytest.unraisableexception", "gc.collect()") >= 1
told["frozen"] = is_frozen()
"""
    )
    assert told == {"collected": True, "frozen": True}


def test_a_second_checkpoint_freezes_what_is_new_and_what_was_thawed() -> None:
    told = run_script(
        HEAD
        + """
heap.freeze()
first = plain["get_freeze_count"]()
more = [Thing() for _ in range(500)]
heap.freeze()
told["more"] = plain["get_freeze_count"]() - first > 400
gc.collect()
told["thawed"] = not is_frozen()
heap.freeze()
told["again"] = is_frozen()
gc.get_objects()
told["thawed again"] = not is_frozen()
"""
    )
    assert told == dict.fromkeys(("more", "thawed", "again", "thawed again"), True)


def test_a_fork_that_thaws_leaves_its_parent_frozen() -> None:
    told = run_script(
        HEAD
        + """
heap.freeze()
pid = os.fork()
if pid == 0:
    gc.collect()
    os._exit(1 if is_frozen() else 0)
told["child"] = os.waitpid(pid, 0)[1]
told["parent"] = is_frozen()
"""
    )
    assert told == {"child": 0, "parent": True}


def test_a_name_that_was_imported_from_gc_is_seen_too() -> None:
    told = run_script(
        HEAD
        + """
from gc import collect
heap.freeze()
told["returns"] = isinstance(collect(), int)
told["frozen"] = is_frozen()
told["generation"] = gc.collect(0) >= 0
told["named"] = [collect.__name__, collect.__doc__ == plain["collect"].__doc__]
"""
    )
    assert told == {
        "returns": True,
        "frozen": False,
        "generation": True,
        "named": ["collect", True],
    }


def test_the_program_may_freeze_by_itself_before_anything_is_frozen() -> None:
    told = run_script(
        HEAD
        + """
gc.freeze()
told["own"] = gc.get_freeze_count() > 1000
gc.unfreeze()
told["none"] = not is_frozen()
"""
    )
    assert told == {"own": True, "none": True}

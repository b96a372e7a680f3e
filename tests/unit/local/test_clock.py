from local.clock import VirtualClock


def test_time_never_goes_back() -> None:
    clock = VirtualClock(100)
    clock.advance_to(50)
    assert clock.now() == 100


def test_each_action_sees_the_moment_it_was_due() -> None:
    clock, seen = VirtualClock(), list[float]()
    for moment in (30, 10, 20):
        clock.at(moment, lambda: seen.append(clock.now()))
    clock.advance_to(25)
    assert seen == [10, 20]
    assert clock.now() == 25


def test_actions_of_one_moment_run_as_scheduled() -> None:
    clock, seen = VirtualClock(), list[str]()
    clock.at(10, lambda: seen.append("first"))
    clock.at(10, lambda: seen.append("second"))
    clock.run_until_idle()
    assert seen == ["first", "second"]


def test_idle_is_when_what_actions_scheduled_is_done_too() -> None:
    clock, seen = VirtualClock(), list[float]()
    clock.at(10, lambda: clock.at(clock.now() + 5, lambda: seen.append(clock.now())))
    clock.run_until_idle()
    assert seen == [15]


def test_sleeping_inside_an_action_delays_what_falls_due_meanwhile() -> None:
    clock, seen = VirtualClock(), list[float]()
    clock.at(10, lambda: clock.sleep(7))
    clock.at(12, lambda: seen.append(clock.now()))
    clock.advance_to(13)
    assert seen == [17]

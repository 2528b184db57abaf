"""What the actors that only read do with a connection to a board; the result is for its entry."""


def has_spawnable(connection):
    """The health probe's question: is there a task that a worker could be spawned for?"""
    return bool(connection.query("spawnable"))


def triage(connection):
    return {"tasks": len(connection.query("triage"))}


def notifier(connection):
    unseen = 0
    for _, task, _, last_event in connection.query("subscriptions"):
        unseen += len(connection.query("unseen_events", task=task, last=last_event))
    return {"events": unseen}


def dashboard(connection):
    connection.query("status_counts")
    return {"events": len(connection.query("recent_events"))}


def acknowledged(connection):
    """For each writer the sequence numbers that this connection sees, as closed ranges."""
    ranges = {}
    for writer, seq in connection.query("acknowledged_rows"):
        found = ranges.setdefault(writer, [])
        if found and found[-1][1] == seq - 1:
            found[-1][1] = seq
        else:
            found.append([seq, seq])
    return {"rows": ranges}

import hashlib

import ibis
import pytest

from journeys.touchpoints.load import load_touchpoints
from journeys.touchpoints.outputs import keyed, quarantine_rows
from tests.journeys.touchpoints.shop import ORDERS, at, load, order, rows_of, shop_in, write

PEOPLE = {
    "vendor": "tabular",
    "files": "people/*",
    "kind": "attributes",
    "columns": {"attributes": ["plan", "owner"], "valid_from": "since"},
    "identifiers": {"user_id": "client", "email": "address"},
}
PEOPLE_HEADER = "client,address,plan,owner,since"


KEY = b"key"


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _keyed_digest(kind, text):
    secret = KEY.hex()
    inner = hashlib.sha256(f"{secret}:{kind}:{text}".encode()).hexdigest()
    return _digest(f"{secret}:{inner}")


def _hashed(record, case):
    return _keyed_digest("record", record), _keyed_digest("case", case)


@pytest.mark.parametrize(
    ("given", "case", "record_id", "case_id"),
    [
        ("r1", "c1", "r1", "c1"),
        (None, None, _keyed_digest("record", "row as it stood"), None),
        ("ann@example.org", "ann@example.org:1", *_hashed("ann@example.org", "ann@example.org:1")),
        ("+49 30 123456", "004930123456:1", *_hashed("+49 30 123456", "004930123456:1")),
        ("whatsapp:+4930123456", "tel:+(49) 30 123456", *_hashed("whatsapp:+4930123456", "tel:+(49) 30 123456")),
        ("4930123456", "0000012345", "4930123456", "0000012345"),
    ],
)
def test_keyed(engine, given, case, record_id, case_id):
    """The vendor's key, else a keyed hash of the row; a key that is an address or a phone number is hashed as well."""
    table = ibis.memtable(
        [{"source_record_id": given, "raw": "row as it stood", "case_id": case}],
        schema={"source_record_id": "string", "raw": "string", "case_id": "string"},
    )
    (row,) = engine.to_pyarrow(keyed(table, "orders", KEY)).to_pylist()
    assert (row["source_record_id"], row["case_id"]) == (record_id, case_id)
    assert row["touchpoint_id"] == _digest(f"orders\n{record_id}")


def test_quarantined_rows_are_masked(engine):
    """A refused row keeps its file, line and reason; what gives a person away in it is masked."""
    refused = ibis.memtable(
        [("l1", 7, "future", "It lies in the future.", "r1,ann@example.org,+49 30 123456,buy")],
        schema={"load_id": "string", "line": "int64", "rule": "string", "reason": "string", "raw": "string"},
    )
    (row,) = engine.to_pyarrow(quarantine_rows(refused, {"l1": "orders/a.csv"}, "orders")).to_pylist()
    assert (row["source"], row["file"], row["line"], row["rule"]) == ("orders", "orders/a.csv", 7, "future")
    assert row["raw"] == "r1,[email],[phone],buy"
    assert row["quarantine_id"] == _digest("l1\n7")


def test_channel_and_currency(tmp_path):
    """The rule's channel comes first, then the record's, then the source's; amounts without currency are the project's."""
    source = ORDERS | {
        "columns": ORDERS["columns"] | {"channel": "via", "amount": "price", "currency": "money"},
        "channel": "shop",
        "touchpoints": [{"event": "buy", "channel": "till"}, {"event": "*"}],
    }
    header = "id,what,at,client,via,price,money"
    rows = [
        f"r1,buy,{at(1)},u1,mail,5,",
        f"r2,visit,{at(1)},u1,mail,,",
        f"r3,visit,{at(1)},u1,,5,usd",
        f"r4,visit,{at(1)},u1,ann@example.org,,",
    ]
    workspace = shop_in(tmp_path, orders=source)
    write(tmp_path, "orders/a.csv", *rows, header=header)
    load_touchpoints(workspace)
    assert rows_of(workspace, "touchpoints", "source_record_id", "channel", "amount", "currency") == [
        ("r1", "till", 5.0, "EUR"),
        ("r2", "mail", None, None),
        ("r3", "shop", 5.0, "USD"),
        ("r4", "[email]", None, None),
    ]


def test_texts_are_masked(tmp_path):
    """Free text stands masked in its own table, and only where there is any."""
    source = ORDERS | {"columns": ORDERS["columns"] | {"text": "note"}}
    workspace = shop_in(tmp_path, orders=source)
    header = "id,what,at,client,note"
    write(
        tmp_path,
        "orders/a.csv",
        f"r1,buy,{at(1)},u1,please call me at 030 1234567",
        f"r2,buy,{at(1)},u1,",
        header=header,
    )
    load_touchpoints(workspace)
    assert rows_of(workspace, "touchpoint_texts", "text", "language") == [("please call me at [phone]", "en")]


def test_links_join_the_strongest_with_the_others(tmp_path):
    """Identifiers of one record are linked with the strongest once a file, with how many records and since when."""
    source = ORDERS | {"identifiers": {"anonymous_id": "cookie", "user_id": "client", "email": "address"}}
    workspace = shop_in(tmp_path, orders=source)
    header = "id,what,at,client,cookie,address"
    rows = [
        f"r1,buy,{at(5)},u1,k1,ann@example.org",
        f"r2,buy,{at(4)},u1,k1,",
        f"r3,buy,{at(3)},,k9,",
    ]
    write(tmp_path, "orders/a.csv", *rows, header=header)
    load_touchpoints(workspace)
    columns = ("left_type", "right_type", "count_records", "known_at")
    assert [
        (row[0], row[1], row[2], f"{row[3]:%Y-%m-%dT%H:%M:%SZ}")
        for row in rows_of(workspace, "identifier_links", *columns)
    ] == [
        ("user_id", "anonymous_id", 2, at(5)),
        ("user_id", "email", 1, at(5)),
    ]
    assert rows_of(workspace, "identifier_vault", "type", "value") == [
        ("anonymous_id", "k1"),
        ("anonymous_id", "k9"),
        ("email", "ann@example.org"),
        ("user_id", "u1"),
    ]


def test_names_are_linked_and_stand_in_no_touchpoint(tmp_path):
    """What describes a person is in the vault and linked to the strongest identifier, whatever its own priority is."""
    source = ORDERS | {"identifiers": {"given_name": "first", "city": "town", "user_id": "client", "email": "address"}}
    workspace = shop_in(tmp_path, orders=source)
    header = "id,what,at,first,town,client,address"
    rows = [f"r1,buy,{at(5)}, Ann ,Bonn,u1,ann@example.org", f"r2,buy,{at(4)},Bo,Bonn,,bo@example.org"]
    write(tmp_path, "orders/a.csv", *rows, header=header)
    load_touchpoints(workspace)
    vault = {row[0]: row[1:] for row in rows_of(workspace, "identifier_vault", "identifier_id", "type", "value")}
    assert sorted(vault.values()) == [
        ("city", "bonn"),
        ("email", "ann@example.org"),
        ("email", "bo@example.org"),
        ("given_name", "ann"),
        ("given_name", "bo"),
        ("user_id", "u1"),
    ]
    links = rows_of(workspace, "identifier_links", "left_identifier_id", "right_identifier_id")
    assert {(vault[left][1], vault[right][1]) for left, right in links} == {
        ("u1", "ann@example.org"),
        ("u1", "ann"),
        ("u1", "bonn"),
        ("bo@example.org", "bo"),
        ("bo@example.org", "bonn"),
    }
    carried = [[vault[one][1] for one in ids] for (ids,) in rows_of(workspace, "touchpoints", "identifier_ids")]
    assert sorted(carried) == [["bo@example.org"], ["u1", "ann@example.org"]]


def test_the_vault_keeps_the_first_sight(tmp_path):
    """An identifier stands in the vault once, known since its earliest record; later files do not add it again."""
    workspace, _ = load(tmp_path, order(1, hours=3, client="u1"), order(2, hours=5, client="u1"))
    write(tmp_path, "orders/b.csv", order(3, hours=1, client="u1"), order(4, hours=1, client="u2"))
    load_touchpoints(workspace)
    found = rows_of(workspace, "identifier_vault", "value", "known_at")
    assert [(value, f"{known:%Y-%m-%dT%H:%M:%SZ}") for value, known in found] == [("u1", at(5)), ("u2", at(1))]


@pytest.mark.parametrize("count_batches", [1, 3])
def test_the_later_of_two_undated_exports_is_in_force(tmp_path, monkeypatch, count_batches):
    """Exports without dates, found together: each change is kept in the order of the files, and the last one counts."""
    if count_batches > 1:
        monkeypatch.setattr("journeys.touchpoints.load._BATCH_BYTES", 1)
    columns = {"attributes": ["plan", "owner"]}
    workspace = shop_in(tmp_path, people={**PEOPLE, "columns": columns})
    for name, plans in {"1": ["free", "basic"], "2": ["pro"], "3": ["pro", "free"]}.items():
        rows = [f"u1,ann@example.org,{plan},bo," for plan in plans]
        write(tmp_path, f"people/{name}.csv", *rows, header=PEOPLE_HEADER)
    report = load_touchpoints(workspace)
    found = sorted(rows_of(workspace, "customer_attributes", "attribute", "known_at", "value"))
    assert [(attribute, value) for attribute, _, value in found] == [
        ("owner", "bo"),
        ("plan", "free"),
        ("plan", "basic"),
        ("plan", "pro"),
        ("plan", "free"),
    ]
    assert {known.year for _, known, _ in found} == {1970}
    assert (report.counts["rows_loaded"], report.counts["rows_duplicate"]) == (4, 1)


def test_a_cumulative_export_with_its_own_times_says_nothing_again(tmp_path):
    """The same changes, exported again with when each was known, add nothing, however close together they were."""
    columns = {"attributes": ["plan"], "known_at": "since"}
    people = {**PEOPLE, "columns": columns}
    changes = [f"u1,,free,,{at(2)}", f"u1,,pro,,{at(2 - 1 / 3600)}", f"u1,,basic,,{at(1)}"]
    for name, rows in {"a": changes[:2], "b": changes[:2], "c": changes, "d": changes}.items():
        write(tmp_path, f"people/{name}.csv", *rows, header=PEOPLE_HEADER)
        load_touchpoints(shop_in(tmp_path, people=people, run_id=name))
    found = rows_of(shop_in(tmp_path, people=people), "customer_attributes", "known_at", "value")
    assert [value for _, value in sorted(found)] == ["free", "pro", "basic"]


def test_attributes_say_what_is_new(tmp_path):
    """What is said again is not new; another value is; the row counts follow."""

    def said(name, *rows):
        write(tmp_path, f"people/{name}.csv", *rows, header=PEOPLE_HEADER)
        counts = load_touchpoints(shop_in(tmp_path, people=PEOPLE, run_id=name)).counts
        return tuple(counts[key] for key in ("rows_read", "rows_loaded", "rows_duplicate", "rows_quarantined"))

    since = at(days=30)
    assert said("a", f"u1,ann@example.org,pro,bo,{since}", f"u2,,basic,,{since}") == (2, 2, 0, 0)
    assert said("b", f"u1,ann@example.org,pro,bo,{since}", f"u2,,pro,,{since}") == (2, 1, 1, 0)
    workspace = shop_in(tmp_path, people=PEOPLE)
    found = rows_of(workspace, "customer_attributes", "attribute", "value")
    assert found == [("owner", "bo"), ("plan", "basic"), ("plan", "pro"), ("plan", "pro")]
    assert rows_of(workspace, "touchpoints") == []
    latest = max(
        (row for row in workspace.lake.read("customer_attributes").to_pylist() if row["value"] == "pro"),
        key=lambda row: row["known_at"],
    )
    assert latest["known_at"] == workspace.now

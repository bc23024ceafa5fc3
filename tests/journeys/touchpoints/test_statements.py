"""What sources newly say: of consents, of accounts, and again."""

from pathlib import Path
from typing import Any

from journeys.touchpoints.load import load_touchpoints
from tests.journeys.touchpoints.shop import at, rows_of, shop_in, write

ASKED: dict[str, Any] = {
    "vendor": "tabular",
    "files": "asked/*.csv",
    "kind": "consents",
    "identifiers": {"email": "mail"},
    "columns": {"is_granted": "says", "purpose": "for", "channel": "by", "valid_from": "since"},
}
HEADER = "mail,says,for,by,since"

COMPANIES: dict[str, Any] = {
    "vendor": "tabular",
    "files": "companies/*.csv",
    "kind": "attributes",
    "identifiers": {"account_id": "company", "user_id": "client"},
    "columns": {"attributes": ["plan"]},
}


def _ask(folder: Path, name: str, *rows: str) -> tuple[int, ...]:
    write(folder, f"asked/{name}.csv", *rows, header=HEADER)
    counts = load_touchpoints(shop_in(folder, asked=ASKED, run_id=name)).counts
    return tuple(int(counts[key]) for key in ("rows_read", "rows_loaded", "rows_duplicate", "rows_quarantined"))


def test_consents_say_what_is_new(tmp_path: Path) -> None:
    """A consent said again is no news, another answer or purpose is; what cannot be read is in quarantine."""
    first, then = at(days=30), at(days=10)
    assert _ask(tmp_path, "a", f"ann@example.org,yes,news,email,{first}", f"bo@example.org,no,,,{first}") == (
        2,
        2,
        0,
        0,
    )
    again = [f"ann@example.org,true,News,Email,{first}", f"ann@example.org,no,news,email,{then}"]
    assert _ask(tmp_path, "b", *again, f"ann@example.org,yes,calls,phone,{first}") == (3, 2, 1, 0)
    workspace = shop_in(tmp_path, asked=ASKED)
    found = rows_of(workspace, "consents", "purpose", "channel", "is_granted")
    assert sorted(found) == [
        ("*", "*", False),
        ("calls", "phone", True),
        ("news", "email", False),
        ("news", "email", True),
    ]
    assert rows_of(workspace, "touchpoints") == []
    assert not any("example.org" in str(row) for row in workspace.lake.read("consents").to_pylist())


def test_a_refusal_that_is_taken_back(tmp_path: Path) -> None:
    """Not to have opted out is neither; after a refusal it ends the refusal. Each version is told by its own time."""
    contacts = {"vendor": "hubspot", "files": "crm/*/contact.csv"}
    header = "id,property_createdate,property_lastmodifieddate,property_hs_email_optout"
    for day, is_out in enumerate(("false", "true", "true", "false", "false", "true"), start=1):
        changed_at = at(days=20 - day)
        write(tmp_path, f"crm/{day}/contact.csv", f"1,{at(days=30)},{changed_at},{is_out}", header=header)
        load_touchpoints(shop_in(tmp_path, crm=contacts, run_id=str(day)))
    found = sorted(rows_of(shop_in(tmp_path, crm=contacts), "consents", "valid_from", "is_granted"))
    assert [is_granted for _, is_granted in found] == [None, False, False, None, None, False]


def test_attributes_of_accounts(tmp_path: Path) -> None:
    """A row that names a company alone speaks of the company; one that names a person, too, of the person."""
    write(tmp_path, "companies/a.csv", "c1,,pro", "c1,u1,basic", "c2,,free", header="company,client,plan")
    workspace = shop_in(tmp_path, companies=COMPANIES)
    report = load_touchpoints(workspace)
    ids = dict(rows_of(workspace, "identifier_vault", "value", "identifier_id"))
    assert sorted(rows_of(workspace, "account_attributes", "account_id", "value")) == sorted(
        [(ids["c1"], "pro"), (ids["c2"], "free")]
    )
    assert rows_of(workspace, "customer_attributes", "identifier_id", "value") == [(ids["u1"], "basic")]
    assert report.counts["rows_loaded"] == 3
    write(tmp_path, "companies/b.csv", "c1,,pro", "c2,,pro", header="company,client,plan")
    counts = load_touchpoints(shop_in(tmp_path, companies=COMPANIES, run_id="run-2")).counts
    assert (counts["rows_loaded"], counts["rows_duplicate"]) == (1, 1)

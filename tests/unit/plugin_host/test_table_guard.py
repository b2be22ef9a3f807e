"""Which statements a plugin may run: expressions on its own tables, whatever corner another table hides in."""

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from app.plugin_host.tables.guard import expression_problem, is_named_for

META = sa.MetaData()
OWN = sa.Table("plugin_shop_order", META, sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.String))
TAG = sa.Table("tag", META, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String))
A_TAG = sa.select(TAG.c.id).scalar_subquery()

ALLOWED = [
    sa.select(OWN),
    sa.select(sa.func.count()).select_from(OWN.alias()),
    sa.select(OWN).union(sa.select(OWN)),
    sa.select(sa.table("plugin_shop_line", sa.column("what")).c.what).distinct().limit(3),
    sa.select(sa.literal("x"), sa.null(), sa.true()),
    sa.select(OWN.c.id).where(OWN.c.note.in_(["a", "b"]), OWN.c.note.like("%x")).order_by(OWN.c.id.desc()),
    OWN.insert().values(note="x"),
    OWN.insert().values([{"note": "x"}, {"note": "y"}]).returning(OWN.c.id),
    OWN.insert().from_select(["note"], sa.select(OWN.c.note)),
    OWN.update().values(note=OWN.c.note + "x"),
    OWN.delete().where(sa.exists(sa.select(OWN.alias().c.id))),
    sa.select(OWN.c.note.op("->>")("a"), OWN.c.note.op("similar to")("x%"), OWN.c.note.regexp_match("x")),
    sa.select(
        sa.extract("year", OWN.c.note), sa.func.strftime("%Y", OWN.c.note), sa.func.json_extract(OWN.c.note, "$.a")
    ),
    sa.select(sa.Table("plugin_shop_line", sa.MetaData(), sa.Column("what"), quote=False)),
    sa.insert(sa.Table("plugin_shop_line", sa.MetaData(), sa.Column("at", sa.DateTime, default=sa.func.now()))),
    sa.select(sa.Sequence("plugin_shop_number").next_value()),
    sqlite.insert(OWN).values(note="a").on_conflict_do_update(index_elements=["id"], set_={"note": "b"}),
]

REFUSED = [
    sa.select(TAG),
    sa.select(TAG.c.id),
    sa.select(TAG.alias().c.id),
    sa.select(sa.select(TAG).cte().c.id),
    sa.select(sa.select(TAG).lateral()),
    sa.select(OWN).join(TAG, OWN.c.id == TAG.c.id),
    sa.select(OWN.c.id).union(sa.select(TAG.c.id)),
    sa.select(OWN).add_cte(sa.delete(TAG).cte()),
    sa.select(OWN).order_by(A_TAG),
    sa.select(OWN).limit(A_TAG),
    sa.select(OWN).group_by(TAG.c.id),
    sa.select(sa.func.coalesce(A_TAG, 1)),
    sa.select(sa.case((TAG.c.id > 1, 1), else_=2)),
    sa.select(sa.table("plugin_shop_order", schema="elsewhere")),
    TAG.insert(),
    TAG.update().values(name="x"),
    TAG.delete(),
    OWN.insert().values(note=A_TAG),
    OWN.insert().values([{"note": A_TAG}, {"note": "x"}]),
    OWN.insert().from_select(["note"], sa.select(TAG.c.name)),
    OWN.insert().returning(A_TAG),
    OWN.update().values(note=A_TAG),
    OWN.update().values(note="x").where(OWN.c.id == TAG.c.id),
    OWN.delete().where(OWN.c.id.in_(sa.select(TAG.c.id))),
    sqlite.insert(OWN).values(note="a").on_conflict_do_update(index_elements=["id"], set_={"note": A_TAG}),
    sa.select(sa.values(sa.column("a", sa.Integer), name="v").data([(A_TAG,)])),
    sa.insert(sa.Table("plugin_shop_line", sa.MetaData(), sa.Column("id", sa.Integer, default=A_TAG))),
    sa.update(sa.Table("plugin_shop_line", sa.MetaData(), sa.Column("id", sa.Integer, onupdate=A_TAG))),
]

REACHING = [
    sa.select(sa.func.query_to_xml("SELECT * FROM tag", True, True, "")),
    sa.select(sa.func.pg_catalog.lower("x")),
    sa.select(sa.column("x")).select_from(sa.func.pg_ls_dir(".").alias("x")),
    sa.select(sa.func.pragma_table_info("tag").table_valued("name")),
    sa.select(OWN).where(sa.func.load_extension("x") == 1),
    sa.select(sa.func.set_config("role", "admin", False)),
    sa.select(sa.Sequence("tag_id_seq").next_value()),
    sa.insert(sa.Table("plugin_shop_line", sa.MetaData(), sa.Column("id", sa.Integer, sa.Sequence("tag_id_seq")))),
]

TEXT = [
    sa.text("SELECT 1"),
    sa.text("SELECT 1").columns(sa.column("a")),
    sa.select(sa.text("1")),
    sa.select(sa.literal_column("(SELECT id FROM tag)")),
    sa.select(OWN).where(sa.text("1")),
    sa.select(OWN).prefix_with("SQL"),
    sa.select(OWN).suffix_with("SQL"),
    sa.select(OWN).with_hint(OWN, "SQL"),
    sa.select(OWN).with_statement_hint("SQL"),
    sa.select(sa.literal(1).op("IN (SELECT id FROM tag) OR 1 =")(1)),
    sa.select(sa.literal(1).op("FROM tag WHERE name LIKE")("x")),
    sa.select(OWN.c.id.op("/*")(1)),
    sa.select(sa.extract("year FROM now()), (SELECT 1", OWN.c.note)),
    sa.select(sa.column(sa.quoted_name("(SELECT id FROM tag)", quote=False))),
    sa.select(OWN.c.id.label(sa.quoted_name("a, (SELECT 1)", quote=False))),
    sa.select(sa.table(sa.quoted_name("plugin_shop_order, tag", quote=False))),
    sa.select(sa.values(sa.column("a", sa.Integer), name="v").data([(sa.text("(SELECT 1)"),)])),
    sqlite.insert(OWN).values(note="a").on_conflict_do_nothing(index_elements=[sa.text("(SELECT 1)")]),
]


def is_own(name: str) -> bool:
    return is_named_for("shop", name)


@pytest.mark.parametrize("statement", ALLOWED, ids=str)
def test_expressions_on_own_tables_may_run(statement):
    assert expression_problem(statement, is_own) == ""


@pytest.mark.parametrize("statement", REFUSED, ids=range(len(REFUSED)))
def test_another_table_is_found_wherever_it_hides(statement):
    problem = expression_problem(statement, is_own)
    assert problem == ("touches elsewhere.plugin_shop_order" if "elsewhere" in str(statement) else "touches tag") + (
        ", which is not a table of its own"
    )


@pytest.mark.parametrize("statement", REACHING, ids=range(len(REACHING)))
def test_functions_that_reach_other_things_by_their_names_are_refused(statement):
    assert expression_problem(statement, is_own).endswith("which reaches beyond the plugin's own tables")


@pytest.mark.parametrize("statement", TEXT, ids=range(len(TEXT)))
def test_raw_text_is_found_wherever_it_hides(statement):
    assert "written as text" in expression_problem(statement, is_own)


@pytest.mark.parametrize("statement", [sa.schema.DropTable(OWN), sa.func.now(), sa.Sequence("plugin_shop_number")])
def test_anything_else_is_refused(statement):
    assert expression_problem(statement, is_own) == "is no SELECT, INSERT, UPDATE or DELETE"


@pytest.mark.parametrize(
    ("table", "rivals", "expected"),
    [
        ("plugin_shop_order", (), True),
        ("plugin_shop", (), False),
        ("plugin_shops_order", (), False),
        ("plugin_shop_gifts_card", (), True),
        ("plugin_shop_gifts_card", ("shop_gifts",), False),
        ("plugin_shop_order", ("shop_gifts", "sho"), True),
    ],
)
def test_a_table_belongs_to_the_plugin_it_is_named_for(table, rivals, expected):
    assert is_named_for("shop", table, rivals) is expected

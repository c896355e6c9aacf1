import pytest


@pytest.mark.parametrize("number", range(12))
def test_sum(database, number):
    assert database(f"select {number} + 1") == str(number + 1)


def test_table(database):
    database("create table cart (item text)")
    database("insert into cart values ('apple'), ('pear')")
    assert database("select count(*) from cart") == "2"
    database("drop table cart")

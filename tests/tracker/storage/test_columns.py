"""What a column holds comes out of both databases as it went in, however it is spelled."""

import numpy as np
from flask import Flask
from sqlalchemy import BigInteger, String, literal, select, union_all

from tracker.storage.columns import in_columns, listed, numbers, words
from tracker.storage.db import db

#: equally long and plain; of several lengths; with everything that JSON writes otherwise
WORDS = (
    ["JW-20261122-0001", "JW-20261122-0002", "JW-20261122-0003"],
    ["JW-20261122-9999", "JW-20261122-10000", ""],
    ["督-1", "督-2", "督-3"],
    ['a", "b', '", "ab', 'abc","'],
    ["a\\", "\\b", "\x1f\t"],
    ["x" * 200, "y" * 200, "z" * 200],
)
IDS = [2**53 - 1, -7, 0]


def test_words_and_numbers_keep_what_they_say_and_their_order(both: Flask) -> None:
    for given in WORDS:
        rows = union_all(
            *(
                select(literal(key, BigInteger).label("id"), literal(word, String).label("word"))
                for key, word in zip(IDS, given, strict=True)
            )
        ).subquery()
        [(ids, texts)] = db.session.execute(in_columns(select(rows)))
        none = db.session.scalar(select(listed(rows.c.id)).where(rows.c.id == 1))
        found = words(texts)
        assert [one.decode() if isinstance(one, bytes) else one for one in found] == given
        assert isinstance(found, np.ndarray) is (given is WORDS[0])
        # of several groups one follows the other; one in which there is nothing is passed over
        assert numbers(ids, none, ids).tolist() == IDS * 2
        assert len(words(texts, None, texts)) == len(given) * 2
        assert numbers(none).tolist() == []

"""Knows how passwords are kept (Argon2id) and which are too weak to accept."""

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from tracker.errors import Invalid
from tracker.texts import N_

MIN_LENGTH = 10
MAX_LENGTH = 200
_COMMON = frozenset(
    {"password", "qwertyuiop", "1234567890", "0123456789", "administrator", "woaizhongguo"}
)


@lru_cache(maxsize=4)
def _hasher(kib: int) -> PasswordHasher:
    return PasswordHasher(memory_cost=kib, time_cost=2, parallelism=1)


def _current() -> PasswordHasher:
    return _hasher(current_app.config["ARGON2_KIB"])


def hash_password(password: str) -> str:
    """Argon2id with the parameters stored in the result."""
    return _current().hash(password)


def verify(stored: str, password: str) -> bool:
    """Whether `password` is the one; the cost is that of a hash either way."""
    try:
        return _current().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def waste_time(password: str) -> None:
    """Spend the time of a check, so that a missing account answers as slowly as an existing one."""
    verify(_decoy(current_app.config["ARGON2_KIB"]), password)


@lru_cache(maxsize=4)
def _decoy(kib: int) -> str:
    return _hasher(kib).hash(secrets.token_hex(8))


def check_strength(password: str, *, username: str) -> None:
    """Raise Invalid when the password is short, common, one character or the account's own name."""
    if len(password) < MIN_LENGTH:
        raise Invalid(N_("密码至少 %(n)d 位。"), field="password", n=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        raise Invalid(N_("密码不能超过 %(n)d 位。"), field="password", n=MAX_LENGTH)
    folded = password.lower()
    if len(set(folded)) < 5 or folded in _COMMON or username.lower() in folded:
        raise Invalid(N_("密码过于简单：不能含账号名、常见词或重复字符。"), field="password")


def first_password() -> str:
    """A random first password that can be read out on the phone; it has to be changed."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ["".join(secrets.choice(letters) for _ in range(4)) for _ in range(3)]
    return "-".join(groups)

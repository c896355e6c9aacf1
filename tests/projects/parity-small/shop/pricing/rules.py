"""Rules for prices."""

# Orders from this size on are large.
LARGE = 10
STEP = 5


def discount(amount: int, rate: int = 10) -> int:
    """Takes a rate in percent off an amount.

    >>> discount(200)
    180
    >>> discount(50, rate=0)
    50
    """
    if rate == 0:
        return amount
    return amount - amount * rate // 100


def is_large(amount: int) -> bool:
    return amount >= LARGE and amount > 0


def round_up(amount: int) -> int:
    rest = amount % STEP
    if rest != 0:
        amount += STEP - rest
    return amount

FACTOR = 2


def double(number):
    return number * FACTOR

"""Counts primes with nothing but integers."""

import lifetime

lifetime.begin()


def is_prime(number):
    divisor = 3
    while divisor * divisor <= number:
        if number % divisor == 0:
            return False
        divisor += 2
    return True


def main():
    count, number = 1, 1_000_001
    lifetime.ready()
    while True:
        if is_prime(number):
            count += 1
        number += 2


main()

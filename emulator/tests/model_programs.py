# ruff: noqa: E501
"""Thirty programs of the kinds that models write, each with what it should print.

They were written before it was known which of them run.
"""

SALES = b"""region,product,amount,date
North,Tea,120.50,2024-01-05
South,Coffee,80.00,2024-01-17
North,Coffee,40.25,2024-02-02
West,Tea,99.90,2024-02-20
South,Tea,10.00,2024-03-03
"""
NOTES = b"The quick brown fox. The lazy dog! Contact: ann@example.com, bob@test.org\n"
ORDERS = b'[{"id": 1, "items": [{"price": 2.5, "qty": 4}]}, {"id": 2, "items": []}]'
FILES = {"sales.csv": SALES, "notes.txt": NOTES, "orders.json": ORDERS}

PROGRAMS = {
    "compound interest": (
        """
principal = 1000
rate = 0.05
for year in range(1, 4):
    amount = principal * (1 + rate) ** year
    print(f"Year {year}: ${amount:,.2f}")
""",
        "Year 3: $1,157.63",
    ),
    "sieve of primes": (
        """
def sieve(n):
    is_prime = [True] * (n + 1)
    is_prime[0] = is_prime[1] = False
    for i in range(2, int(n ** 0.5) + 1):
        if is_prime[i]:
            for j in range(i * i, n + 1, i):
                is_prime[j] = False
    return [i for i, p in enumerate(is_prime) if p]

primes = sieve(10_000)
print(len(primes), primes[-1])
""",
        "1229 9973",
    ),
    "fibonacci as a generator": (
        """
def fibonacci(limit):
    a, b = 0, 1
    while a < limit:
        yield a
        a, b = b, a + b

print(list(fibonacci(50)))
""",
        "[0, 1, 1, 2, 3, 5, 8, 13, 21, 34]",
    ),
    "totals of a table by region": (
        """
import csv
from collections import defaultdict

totals = defaultdict(float)
with open("/mnt/data/sales.csv", newline="") as f:
    reader = csv.DictReader(f)
    for row in reader:
        totals[row["region"]] += float(row["amount"])

for region, total in sorted(totals.items(), key=lambda kv: kv[1], reverse=True):
    print(f"{region:<8}{total:>10.2f}")
""",
        "North       160.75",
    ),
    "totals of a table with pandas": (
        """
import pandas as pd

df = pd.read_csv("/mnt/data/sales.csv")
print(df.groupby("region")["amount"].sum())
""",
        "160.75",
    ),
    "a chart with matplotlib": (
        """
import matplotlib.pyplot as plt

x = list(range(10))
plt.plot(x, [v ** 2 for v in x])
plt.title("Squares")
plt.savefig("/mnt/data/squares.png")
print("saved")
""",
        "saved",
    ),
    "orders in JSON": (
        """
import json

with open("orders.json", encoding="utf-8") as f:
    orders = json.load(f)

summary = [
    {"id": o["id"], "total": sum(i["price"] * i["qty"] for i in o["items"])}
    for o in orders
]
print(json.dumps(summary, indent=2))
""",
        '"total": 10.0',
    ),
    "mean and deviation with statistics": (
        """
import statistics

data = [2, 4, 4, 4, 5, 5, 7, 9]
print("mean", statistics.mean(data))
print("stdev", statistics.pstdev(data))
""",
        "stdev 2.0",
    ),
    "mean and deviation by hand": (
        """
import math

data = [2, 4, 4, 4, 5, 5, 7, 9]
mean = sum(data) / len(data)
variance = sum((x - mean) ** 2 for x in data) / len(data)
print(f"mean = {mean}, standard deviation = {math.sqrt(variance)}")
""",
        "mean = 5.0, standard deviation = 2.0",
    ),
    "linear regression": (
        """
xs = [1, 2, 3, 4, 5]
ys = [2.1, 3.9, 6.2, 7.8, 10.1]
n = len(xs)
mx, my = sum(xs) / n, sum(ys) / n
slope = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)
intercept = my - slope * mx
print(f"y = {slope:.3f}x + {intercept:.3f}")
""",
        "y = 1.990x + 0.050",
    ),
    "linear equations with numpy": (
        """
import numpy as np

A = np.array([[3, 1], [1, 2]])
b = np.array([9, 8])
print(np.linalg.solve(A, b))
""",
        "[2. 3.]",
    ),
    "an equation with sympy": (
        """
from sympy import symbols, solve

x = symbols("x")
print(solve(x**2 - 5*x + 6, x))
""",
        "[2, 3]",
    ),
    "days between dates": (
        """
from datetime import date, datetime, timedelta

start = datetime.strptime("2024-02-10", "%Y-%m-%d").date()
end = date(2024, 12, 25)
delta = end - start
print(f"{delta.days} days, {delta.days // 7} weeks")
print((start + timedelta(days=100)).strftime("%A, %d %B %Y"))
""",
        "319 days, 45 weeks\nMonday, 20 May 2024",
    ),
    "addresses in a text": (
        """
import re

text = open("notes.txt").read()
emails = re.findall(r"[\\w.+-]+@[\\w-]+\\.[\\w.]+", text)
for i, email in enumerate(emails, start=1):
    print(i, email)
""",
        "1 ann@example.com\n2 bob@test.org",
    ),
    "how often words come": (
        """
from collections import Counter
import re

with open("/mnt/data/notes.txt") as f:
    words = re.findall(r"[a-z']+", f.read().lower())
for word, count in Counter(words).most_common(1):
    print(f"{word}: {count}")
""",
        "the: 2",
    ),
    "an account as a class": (
        """
class BankAccount:
    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        self.history = []

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("Deposit must be positive")
        self.balance += amount
        self.history.append(("deposit", amount))

    def __str__(self):
        return f"{self.owner}: {self.balance}"

account = BankAccount("Ann", 100)
account.deposit(50)
try:
    account.deposit(-5)
except ValueError as e:
    print("Error:", e)
print(account)
""",
        "Error: Deposit must be positive\nAnn: 150",
    ),
    "shapes as classes": (
        """
from abc import ABC, abstractmethod
import math

class Shape(ABC):
    @abstractmethod
    def area(self): ...

class Circle(Shape):
    def __init__(self, r):
        self.r = r
    def area(self):
        return math.pi * self.r ** 2

print(round(Circle(2).area(), 2))
""",
        "12.57",
    ),
    "an inventory of dataclasses": (
        """
from dataclasses import dataclass, field
from typing import List

@dataclass
class Item:
    name: str
    price: float
    quantity: int = 1
    tags: List[str] = field(default_factory=list)

    def total(self) -> float:
        return self.price * self.quantity

items = [Item("pen", 1.5, 10), Item("book", 12.0, 2, ["paper"])]
print(sum(item.total() for item in items))
print(max(items, key=lambda i: i.total()))
""",
        "39.0\nItem(name='book', price=12.0, quantity=2, tags=['paper'])",
    ),
    "pi by random numbers": (
        """
import random

random.seed(42)
n = 20_000
inside = sum(1 for _ in range(n) if random.random() ** 2 + random.random() ** 2 <= 1)
print(f"pi is about {4 * inside / n:.1f}")
""",
        "pi is about 3.1",
    ),
    "rows sorted and saved": (
        """
import csv

with open("/mnt/data/sales.csv") as f:
    rows = list(csv.DictReader(f))
rows.sort(key=lambda r: float(r["amount"]))
with open("/mnt/data/sorted.csv", "w", newline="") as f:
    writer = csv.DictWriter(f, fieldnames=rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
print(open("/mnt/data/sorted.csv").read().splitlines()[1])
""",
        "South,Tea,10.00,2024-03-03",
    ),
    "what is in the folder": (
        """
import os

for name in sorted(os.listdir("/mnt/data")):
    path = os.path.join("/mnt/data", name)
    print(f"{name}: {os.path.getsize(path)} bytes")
""",
        "notes.txt: 74 bytes",
    ),
    "product of matrices": (
        """
A = [[1, 2], [3, 4]]
B = [[5, 6], [7, 8]]
C = [[sum(a * b for a, b in zip(row, col)) for col in zip(*B)] for row in A]
for row in C:
    print(row)
""",
        "[19, 22]\n[43, 50]",
    ),
    "knapsack": (
        """
def knapsack(weights, values, capacity):
    n = len(weights)
    dp = [[0] * (capacity + 1) for _ in range(n + 1)]
    for i in range(1, n + 1):
        for w in range(capacity + 1):
            dp[i][w] = dp[i - 1][w]
            if weights[i - 1] <= w:
                dp[i][w] = max(dp[i][w], dp[i - 1][w - weights[i - 1]] + values[i - 1])
    return dp[n][capacity]

print(knapsack([1, 3, 4, 5], [1, 4, 5, 7], 7))
""",
        "9",
    ),
    "shortest paths with heapq": (
        """
import heapq

graph = {"A": {"B": 1, "C": 4}, "B": {"C": 2, "D": 6}, "C": {"D": 3}, "D": {}}
dist = {node: float("inf") for node in graph}
dist["A"] = 0
queue = [(0, "A")]
while queue:
    d, node = heapq.heappop(queue)
    if d > dist[node]:
        continue
    for neighbor, weight in graph[node].items():
        if d + weight < dist[neighbor]:
            dist[neighbor] = d + weight
            heapq.heappush(queue, (dist[neighbor], neighbor))
print(dist)
""",
        "{'A': 0, 'B': 1, 'C': 3, 'D': 6}",
    ),
    "eight queens": (
        """
def solve(n, row=0, cols=(), diag1=(), diag2=()):
    if row == n:
        return 1
    count = 0
    for c in range(n):
        if c in cols or row - c in diag1 or row + c in diag2:
            continue
        count += solve(n, row + 1, cols + (c,), diag1 + (row - c,), diag2 + (row + c,))
    return count

print(solve(6))
""",
        "4",
    ),
    "a loan in decimals": (
        """
from decimal import Decimal, ROUND_HALF_UP

principal = Decimal("10000")
monthly = Decimal("0.06") / 12
n = 12
payment = principal * monthly / (1 - (1 + monthly) ** -n)
payment = payment.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
print(f"Monthly payment: {payment}")
""",
        "Monthly payment: 860.66",
    ),
    "a script with main": (
        """
import sys

def roman(number):
    pairs = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
             (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
    result = ""
    for value, symbol in pairs:
        while number >= value:
            result += symbol
            number -= value
    return result

def main():
    if roman(2024) != "MMXXIV":
        print("wrong", file=sys.stderr)
        sys.exit(1)
    print(roman(1994))

if __name__ == "__main__":
    main()
""",
        "MCMXCIV",
    ),
    "edit distance with a cache": (
        """
from functools import lru_cache

def distance(s, t):
    @lru_cache(maxsize=None)
    def d(i, j):
        if i == 0 or j == 0:
            return i + j
        return min(d(i - 1, j) + 1, d(i, j - 1) + 1, d(i - 1, j - 1) + (s[i - 1] != t[j - 1]))
    return d(len(s), len(t))

print(distance("kitten", "sitting"))
""",
        "3",
    ),
    "a text read from a string with io": (
        """
import csv
import io

text = "name,age\\nAnn,30\\nBob,25\\n"
rows = list(csv.DictReader(io.StringIO(text)))
print(sum(int(r["age"]) for r in rows) / len(rows))
""",
        "27.5",
    ),
    "a report that is written": (
        """
from datetime import datetime
from pathlib import Path

lines = Path("/mnt/data/sales.csv").read_text().strip().split("\\n")
header, *rows = [line.split(",") for line in lines]
by_month = {}
for row in rows:
    month = datetime.fromisoformat(row[3]).strftime("%B")
    by_month.setdefault(month, []).append(float(row[2]))
report = "# Report\\n\\n" + "\\n".join(
    f"- **{month}**: {sum(amounts):.2f}" for month, amounts in by_month.items()
)
Path("/mnt/data/report.md").write_text(report)
print(report)
""",
        "- **February**: 140.15",
    ),
}

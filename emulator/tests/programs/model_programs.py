# ruff: noqa: E501
"""Sixty programs of the kinds that models write, each with what it should print.

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
LOG = b"""2024-05-01 10:00:01 INFO start
2024-05-01 10:00:05 ERROR disk full: /dev/sda1
2024-05-01 10:01:00 WARNING slow query (1532 ms)
2024-05-02 09:00:00 ERROR timeout after 30 s
"""
FILES = {"sales.csv": SALES, "notes.txt": NOTES, "orders.json": ORDERS, "app.log": LOG}

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
    "pivot table by hand": (
        """
import csv
from collections import defaultdict

pivot = defaultdict(lambda: defaultdict(float))
with open("/mnt/data/sales.csv") as f:
    for row in csv.DictReader(f):
        pivot[row["region"]][row["product"]] += float(row["amount"])
products = sorted({p for row in pivot.values() for p in row})
print("Region".ljust(10) + "".join(p.rjust(10) for p in products))
print("-" * (10 + 10 * len(products)))
for region in sorted(pivot):
    cells = "".join(f"{pivot[region].get(p, 0):>10.2f}" for p in products)
    print(f"{region:<10}{cells}")
""",
        "North          40.25    120.50",
    ),
    "median, mode, quartiles by hand": (
        """
from collections import Counter

def median(values):
    s = sorted(values)
    n = len(s)
    mid = n // 2
    return s[mid] if n % 2 else (s[mid - 1] + s[mid]) / 2

data = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]
s = sorted(data)
half = len(s) // 2
q1, q3 = median(s[:half]), median(s[half + (len(s) % 2):])
mode, count = Counter(data).most_common(1)[0]
print(f"median={median(data)} mode={mode} ({count}x) q1={q1} q3={q3} iqr={q3 - q1}")
""",
        "median=4 mode=5 (3x) q1=2 q3=5 iqr=3",
    ),
    "correlation": (
        """
import math

x = [1.0, 2.0, 3.0, 4.0, 5.0]
y = [2.0, 4.1, 6.2, 7.9, 10.1]

def pearson(x, y):
    n = len(x)
    mx, my = sum(x) / n, sum(y) / n
    cov = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    return cov / math.sqrt(sum((a - mx) ** 2 for a in x) * sum((b - my) ** 2 for b in y))

r = pearson(x, y)
print(f"r = {r:.4f}, r² = {r ** 2:.2%}")
""",
        "r² = 99.87%",
    ),
    "errors of a log": (
        """
import re
from collections import Counter
from datetime import datetime

pattern = re.compile(r"^(?P<ts>\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}) (?P<level>[A-Z]+) (?P<msg>.*)$")
levels = Counter()
errors = []
with open("/mnt/data/app.log") as f:
    for line in f:
        match = pattern.match(line.strip())
        if not match:
            continue
        levels[match.group("level")] += 1
        if match["level"] == "ERROR":
            errors.append((datetime.strptime(match["ts"], "%Y-%m-%d %H:%M:%S"), match["msg"]))
for level, n in levels.most_common():
    print(f"{level}: {n}")
for ts, msg in errors:
    print(ts.isoformat(), "->", msg)
""",
        "2024-05-02T09:00:00 -> timeout after 30 s",
    ),
    "a bank with exceptions of its own": (
        """
class InsufficientFunds(Exception):
    def __init__(self, needed):
        super().__init__(f"need {needed} more")
        self.needed = needed

def withdraw(balance, amount):
    if amount > balance:
        raise InsufficientFunds(amount - balance)
    return balance - amount

try:
    withdraw(10, 25)
except InsufficientFunds as e:
    print("Error:", e, e.needed)
""",
        "Error: need 15 more 15",
    ),
    "caesar cipher": (
        """
import string

def caesar(text, shift):
    result = []
    for ch in text:
        if ch in string.ascii_lowercase:
            result.append(chr((ord(ch) - 97 + shift) % 26 + 97))
        elif ch.isupper():
            result.append(chr((ord(ch) - 65 + shift) % 26 + 65))
        else:
            result.append(ch)
    return "".join(result)

enc = caesar("Hello, World!", 3)
print(enc, caesar(enc, -3))
""",
        "Khoor, Zruog! Hello, World!",
    ),
    "merge sort and quick sort": (
        """
import random

def merge_sort(a):
    if len(a) <= 1:
        return a
    mid = len(a) // 2
    left, right = merge_sort(a[:mid]), merge_sort(a[mid:])
    out = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i]); i += 1
        else:
            out.append(right[j]); j += 1
    return out + left[i:] + right[j:]

def quick_sort(a):
    if not a:
        return []
    p, *rest = a
    return quick_sort([x for x in rest if x < p]) + [p] + quick_sort([x for x in rest if x >= p])

random.seed(1)
data = [random.randint(0, 1000) for _ in range(500)]
assert merge_sort(data) == quick_sort(data) == sorted(data)
print("sorted", len(data))
""",
        "sorted 500",
    ),
    "towers of hanoi": (
        """
moves = []
def hanoi(n, source, target, spare):
    if n == 0:
        return
    hanoi(n - 1, source, spare, target)
    moves.append((source, target))
    hanoi(n - 1, spare, target, source)

hanoi(6, "A", "C", "B")
print(f"{len(moves)} moves; first: {moves[:3]}")
""",
        "63 moves; first: [('A', 'B'), ('A', 'C'), ('B', 'C')]",
    ),
    "permutations and combinations": (
        """
from itertools import permutations, combinations, product, accumulate, groupby, chain
from math import comb, factorial, gcd, lcm

print(["".join(p) for p in permutations("abc")][:3])
print(len(list(combinations(range(10), 3))), comb(10, 3))
print(list(accumulate([1, 2, 3, 4])), gcd(12, 18), lcm(4, 6), factorial(10))
print({k: len(list(g)) for k, g in groupby(sorted("mississippi"))})
""",
        "{'i': 4, 'm': 1, 'p': 2, 's': 4}",
    ),
    "a table in markdown": (
        """
rows = [{"name": "Ann", "age": 30, "city": "Oslo"}, {"name": "Bob", "age": 4, "city": "Rio de Janeiro"}]
headers = list(rows[0].keys())
widths = {h: max(len(h), *(len(str(r[h])) for r in rows)) for h in headers}
print("| " + " | ".join(f"{h:^{widths[h]}}" for h in headers) + " |")
print("|" + "|".join("-" * (widths[h] + 2) for h in headers) + "|")
for r in rows:
    print("| " + " | ".join(f"{r[h]!s:<{widths[h]}}" for h in headers) + " |")
""",
        "| Bob  | 4   | Rio de Janeiro |",
    ),
    "months of a calendar": (
        """
from datetime import date, timedelta

def month_end(d):
    nxt = d.replace(day=28) + timedelta(days=4)
    return nxt - timedelta(days=nxt.day)

d = date(2024, 1, 31)
for m in range(1, 4):
    e = month_end(date(2024, m, 1))
    print(e, e.strftime("%b %d, %Y"), e.weekday(), e.isoformat())
age = date(2024, 6, 1).year - date(1990, 7, 2).year - ((6, 1) < (7, 2))
print("age", age)
""",
        "2024-02-29 Feb 29, 2024 3 2024-02-29\n2024-03-31",
    ),
    "time zones": (
        """
from datetime import datetime, timezone, timedelta

utc = datetime(2024, 3, 10, 12, 30, tzinfo=timezone.utc)
est = timezone(timedelta(hours=-5), "EST")
local = utc.astimezone(est)
print(local.isoformat(), utc.timestamp())
print((datetime(2024, 12, 25) - datetime(2024, 11, 1, 8)).total_seconds() / 3600)
""",
        "2024-03-10T07:30:00-05:00 1710073800.0",
    ),
    "business days": (
        """
from datetime import date, timedelta

start, end = date(2024, 1, 1), date(2024, 1, 31)
holidays = {date(2024, 1, 1)}
days = [start + timedelta(n) for n in range((end - start).days + 1)]
work = [d for d in days if d.weekday() < 5 and d not in holidays]
print(len(work), work[0], work[-1])
""",
        "22 2024-01-02 2024-01-31",
    ),
    "a JSON tree flattened": (
        """
import json

def flatten(obj, prefix=""):
    out = {}
    if isinstance(obj, dict):
        for k, v in obj.items():
            out.update(flatten(v, f"{prefix}.{k}" if prefix else k))
    elif isinstance(obj, list):
        for i, v in enumerate(obj):
            out.update(flatten(v, f"{prefix}[{i}]"))
    else:
        out[prefix] = obj
    return out

data = json.loads(open("orders.json").read())
print(json.dumps(flatten(data), sort_keys=True))
""",
        '"[0].items[0].price": 2.5',
    ),
    "csv to JSON and back": (
        """
import csv, json, os

with open("sales.csv") as src, open("sales.json", "w") as dst:
    rows = [dict(r, amount=float(r["amount"])) for r in csv.DictReader(src)]
    json.dump(rows, dst, indent=2, ensure_ascii=False)

with open("sales.json") as f:
    again = json.load(f)
assert again == rows
big = [r for r in again if r["amount"] > 90]
with open("big.csv", "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(["product", "amount"])
    for r in big:
        w.writerow([r["product"], r["amount"]])
print(open("big.csv").read(), os.path.exists("sales.json"), os.stat("big.csv").st_size > 0)
""",
        "Tea,99.9",
    ),
    "words by frequency with a bar": (
        """
text = open("/mnt/data/notes.txt").read()
words = [w.strip(".,!?:;").lower() for w in text.split()]
freq = {}
for w in words:
    freq[w] = freq.get(w, 0) + 1
for w, n in sorted(freq.items(), key=lambda kv: (-kv[1], kv[0]))[:3]:
    print(f"{w:<12}{'█' * n} {n}")
print(f"{len(set(words))} different of {len(words)}")
""",
        "the         ██ 2",
    ),
    "palindromes and anagrams": (
        """
import re
def is_palindrome(s):
    s = re.sub(r"[^a-z0-9]", "", s.lower())
    return s == s[::-1]
words = ["listen", "silent", "enlist", "google", "elgoog"]
groups = {}
for w in words:
    groups.setdefault("".join(sorted(w)), []).append(w)
print(is_palindrome("A man, a plan, a canal: Panama"), list(groups.values()))
""",
        "True [['listen', 'silent', 'enlist'], ['google', 'elgoog']]",
    ),
    "regular expressions": (
        """
import re
text = "Call 555-1234 or (555) 987-6543; price $1,234.50, date 03/15/2024."
print(re.findall(r"\\(?\\d{3}\\)?[- ]\\d{3,4}(?:-\\d{4})?", text))
print(re.sub(r"(\\d{2})/(\\d{2})/(\\d{4})", r"\\3-\\1-\\2", text)[-11:])
amount = re.search(r"\\$([\\d,]+\\.\\d{2})", text)
print(float(amount.group(1).replace(",", "")))
print([m.start() for m in re.finditer(r"\\d+", text)][:3], re.split(r"[;,]\\s*", text)[0])
print(re.sub(r"\\d", lambda m: str((int(m.group()) + 1) % 10), "a1b9"))
""",
        "a2b0",
    ),
    "a matrix class with operators": (
        """
class Matrix:
    def __init__(self, rows):
        self.rows = rows

    def __matmul__(self, other):
        return Matrix([[sum(a * b for a, b in zip(r, c)) for c in zip(*other.rows)] for r in self.rows])

    def __add__(self, other):
        return Matrix([[a + b for a, b in zip(r, s)] for r, s in zip(self.rows, other.rows)])

    def __eq__(self, other):
        return self.rows == other.rows

    def __repr__(self):
        return f"Matrix({self.rows})"

m = Matrix([[1, 2], [3, 4]])
print(m + m, m @ m)
""",
        "Matrix([[2, 4], [6, 8]]) Matrix([[7, 10], [15, 22]])",
    ),
    "a stack and a queue": (
        """
from collections import deque

class Stack:
    def __init__(self):
        self._items = []
    def push(self, x):
        self._items.append(x)
    def pop(self):
        if not self._items:
            raise IndexError("pop from empty stack")
        return self._items.pop()
    def size(self):
        return len(self._items)

s = Stack()
for c in "({[":
    s.push(c)
try:
    while True:
        print(s.pop(), end=" ")
except IndexError as e:
    print(f"[{e}]")
finally:
    print("done")
q = deque([1, 2, 3], maxlen=3)
q.append(4); q.appendleft(0)
print(list(q), q.popleft())
""",
        "[ { ( [pop from empty stack]\ndone",
    ),
    "breadth first in a maze": (
        """
from collections import deque

maze = [
    "S.#.",
    "..#.",
    "...E",
]
rows, cols = len(maze), len(maze[0])
start = next((r, c) for r in range(rows) for c in range(cols) if maze[r][c] == "S")
queue = deque([(start, 0)])
seen = {start}
answer = None
while queue:
    (r, c), dist = queue.popleft()
    if maze[r][c] == "E":
        answer = dist
        break
    for dr, dc in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        nr, nc = r + dr, c + dc
        if 0 <= nr < rows and 0 <= nc < cols and maze[nr][nc] != "#" and (nr, nc) not in seen:
            seen.add((nr, nc))
            queue.append(((nr, nc), dist + 1))
print("shortest path:", answer)
""",
        "shortest path: 5",
    ),
    "big numbers": (
        """
n = 2 ** 200
print(n, len(str(n)), sum(int(d) for d in str(n)))
print(pow(3, 10 ** 6, 10 ** 9 + 7), divmod(-7, 3), 7 // -2, round(2.5), f"{1e15:,.0f} {255:#x} {5:08b} {0.000123:.2e}")
print(hex(255), bin(10), oct(8), int("ff", 16), complex(1, 2) if False else "no complex")
""",
        "-4 2 1,000,000,000,000,000 0xff 00000101 1.23e-04",
    ),
    "newton and bisection": (
        """
def newton(f, df, x, tol=1e-10, max_iter=50):
    for i in range(max_iter):
        step = f(x) / df(x)
        x -= step
        if abs(step) < tol:
            return x, i + 1
    raise RuntimeError("did not converge")

root, steps = newton(lambda x: x**2 - 2, lambda x: 2 * x, 1.0)
lo, hi = 0.0, 2.0
while hi - lo > 1e-9:
    mid = (lo + hi) / 2
    lo, hi = (mid, hi) if mid * mid < 2 else (lo, mid)
print(f"{root:.8f} in {steps}, {lo:.6f}")
""",
        "1.41421356 in 5, 1.414214",
    ),
    "game of life": (
        """
def step(cells):
    counts = {}
    for x, y in cells:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if dx or dy:
                    key = (x + dx, y + dy)
                    counts[key] = counts.get(key, 0) + 1
    return {c for c, n in counts.items() if n == 3 or (n == 2 and c in cells)}

glider = {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}
for _ in range(4):
    glider = step(glider)
print(sorted(glider))
""",
        "[(1, 3), (2, 1), (2, 3), (3, 2), (3, 3)]",
    ),
    "an enum of states": (
        """
from enum import Enum, auto

class State(Enum):
    IDLE = auto()
    RUNNING = auto()

print([s.name for s in State])
""",
        "['IDLE', 'RUNNING']",
    ),
    "match statement": (
        """
def area(shape):
    match shape:
        case {"kind": "circle", "r": r}:
            return 3.14159 * r * r
        case {"kind": "rect", "w": w, "h": h}:
            return w * h
        case _:
            raise ValueError(f"unknown shape {shape!r}")

print(area({"kind": "rect", "w": 2, "h": 3}))
""",
        "6",
    ),
    "walrus, unpacking, ternaries": (
        """
data = [5, 12, 7, 20]
if (n := len(data)) > 3:
    print(f"{n=}")
first, *middle, last = data
a, b = {"x": 1}, {"y": 2}
merged = {**a, **b} | {"z": 3}
print(first, middle, last, merged, [*range(3), *"ab"])
print(any(x > 15 for x in data), all(isinstance(x, int) for x in data), "big" if max(data) > 10 else "small")
def f(*args, sep="-", **kw): return sep.join(map(str, args)) + str(kw)
print(f(1, 2, sep="+", k=1), sorted(data, key=lambda v: -v), list(zip("ab", [1, 2])), list(reversed(data)))
""",
        "n=4\n5 [12, 7] 20 {'x': 1, 'y': 2, 'z': 3} [0, 1, 2, 'a', 'b']",
    ),
    "a list written line by line and read back": (
        """
from pathlib import Path

folder = Path("/mnt/data/out")
folder.mkdir(parents=True, exist_ok=True)
for i in range(3):
    with open(folder / f"part_{i}.txt", "w", encoding="utf-8") as f:
        f.write(f"part {i}\\n")
        print("line two ✓", file=f)
total = 0
for path in sorted(folder.glob("*.txt")):
    lines = path.read_text(encoding="utf-8").splitlines()
    total += len(lines)
    print(path.name, path.stem, path.suffix, lines[1])
print(total)
""",
        "part_2.txt part_2 .txt line two ✓\n6",
    ),
    "memoized collatz and timing": (
        """
import time
from functools import lru_cache, reduce, partial

@lru_cache(maxsize=None)
def collatz(n):
    return 1 if n == 1 else 1 + collatz(n // 2 if n % 2 == 0 else 3 * n + 1)

t0 = time.perf_counter()
best = max(range(1, 5000), key=collatz)
elapsed = time.perf_counter() - t0
print(best, collatz(best), elapsed < 10, reduce(lambda a, b: a * b, [1, 2, 3, 4]), partial(pow, 2)(5))
""",
        "3711 238 True 24 32",
    ),
    "monthly payments as a schedule": (
        """
balance, rate, payment = 1000.0, 0.12 / 12, 200.0
month = 0
print(f"{'Month':>5} {'Interest':>10} {'Principal':>10} {'Balance':>10}")
while balance > 0.005:
    month += 1
    interest = balance * rate
    principal = min(payment - interest, balance)
    balance -= principal
    print(f"{month:>5} {interest:>10.2f} {principal:>10.2f} {abs(balance):>10.2f}")
""",
        "    6       0.31      30.81       0.00",
    ),
}

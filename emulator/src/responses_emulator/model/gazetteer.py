"""Some well-known cities, for questions that name one: position, country, time zone."""

import re
from functools import cache
from math import cos, radians
from typing import NamedTuple


class City(NamedTuple):
    """A city; latitude and longitude in degrees, north and east positive."""

    name: str
    latitude: float
    longitude: float
    country: str
    timezone: str  # a name of the IANA database


class Mention(NamedTuple):
    """A city that a text names, and where in the text."""

    city: City
    start: int
    end: int


_TABLE = """
Amsterdam 52.37 4.90 Netherlands Europe/Amsterdam
Athens 37.98 23.73 Greece Europe/Athens
Auckland -36.85 174.76 New_Zealand Pacific/Auckland
Bangkok 13.76 100.50 Thailand Asia/Bangkok
Barcelona 41.39 2.17 Spain Europe/Madrid
Beijing 39.90 116.41 China Asia/Shanghai
Berlin 52.52 13.41 Germany Europe/Berlin
Bogotá 4.71 -74.07 Colombia America/Bogota
Boston 42.36 -71.06 United_States America/New_York
Brussels 50.85 4.35 Belgium Europe/Brussels
Budapest 47.50 19.04 Hungary Europe/Budapest
Buenos_Aires -34.60 -58.38 Argentina America/Argentina/Buenos_Aires
Cairo 30.04 31.24 Egypt Africa/Cairo
Cape_Town -33.92 18.42 South_Africa Africa/Johannesburg
Chicago 41.88 -87.63 United_States America/Chicago
Copenhagen 55.68 12.57 Denmark Europe/Copenhagen
Delhi 28.61 77.21 India Asia/Kolkata
Denver 39.74 -104.99 United_States America/Denver
Dubai 25.20 55.27 United_Arab_Emirates Asia/Dubai
Dublin 53.35 -6.26 Ireland Europe/Dublin
Edinburgh 55.95 -3.19 United_Kingdom Europe/London
Frankfurt 50.11 8.68 Germany Europe/Berlin
Geneva 46.20 6.14 Switzerland Europe/Zurich
Hamburg 53.55 9.99 Germany Europe/Berlin
Hanoi 21.03 105.85 Vietnam Asia/Ho_Chi_Minh
Helsinki 60.17 24.94 Finland Europe/Helsinki
Hong_Kong 22.32 114.17 China Asia/Hong_Kong
Honolulu 21.31 -157.86 United_States Pacific/Honolulu
Istanbul 41.01 28.98 Turkey Europe/Istanbul
Jakarta -6.21 106.85 Indonesia Asia/Jakarta
Johannesburg -26.20 28.05 South_Africa Africa/Johannesburg
Kyiv 50.45 30.52 Ukraine Europe/Kyiv
Kyoto 35.01 135.77 Japan Asia/Tokyo
Lagos 6.52 3.38 Nigeria Africa/Lagos
Lima -12.05 -77.04 Peru America/Lima
Lisbon 38.72 -9.14 Portugal Europe/Lisbon
London 51.51 -0.13 United_Kingdom Europe/London
Los_Angeles 34.05 -118.24 United_States America/Los_Angeles
Madrid 40.42 -3.70 Spain Europe/Madrid
Manila 14.60 120.98 Philippines Asia/Manila
Melbourne -37.81 144.96 Australia Australia/Melbourne
Mexico_City 19.43 -99.13 Mexico America/Mexico_City
Miami 25.76 -80.19 United_States America/New_York
Milan 45.46 9.19 Italy Europe/Rome
Montreal 45.50 -73.57 Canada America/Toronto
Mumbai 19.08 72.88 India Asia/Kolkata
Munich 48.14 11.58 Germany Europe/Berlin
Nairobi -1.29 36.82 Kenya Africa/Nairobi
New_York 40.71 -74.01 United_States America/New_York
Oslo 59.91 10.75 Norway Europe/Oslo
Paris 48.86 2.35 France Europe/Paris
Prague 50.08 14.44 Czechia Europe/Prague
Reykjavik 64.15 -21.94 Iceland Atlantic/Reykjavik
Rio_de_Janeiro -22.91 -43.17 Brazil America/Sao_Paulo
Rome 41.90 12.50 Italy Europe/Rome
San_Francisco 37.77 -122.42 United_States America/Los_Angeles
Santiago -33.45 -70.67 Chile America/Santiago
São_Paulo -23.55 -46.63 Brazil America/Sao_Paulo
Seattle 47.61 -122.33 United_States America/Los_Angeles
Seoul 37.57 126.98 South_Korea Asia/Seoul
Shanghai 31.23 121.47 China Asia/Shanghai
Singapore 1.35 103.82 Singapore Asia/Singapore
Stockholm 59.33 18.07 Sweden Europe/Stockholm
Sydney -33.87 151.21 Australia Australia/Sydney
Tel_Aviv 32.09 34.78 Israel Asia/Jerusalem
Tokyo 35.68 139.65 Japan Asia/Tokyo
Toronto 43.65 -79.38 Canada America/Toronto
Vancouver 49.28 -123.12 Canada America/Vancouver
Vienna 48.21 16.37 Austria Europe/Vienna
Warsaw 52.23 21.01 Poland Europe/Warsaw
Washington 38.91 -77.04 United_States America/New_York
Zurich 47.37 8.54 Switzerland Europe/Zurich
"""

_ALIASES = {
    "new york city": "New York",
    "nyc": "New York",
    "new delhi": "Delhi",
    "bogota": "Bogotá",
    "sao paulo": "São Paulo",
    "zürich": "Zurich",
    "münchen": "Munich",
    "washington, d.c.": "Washington",
    "washington dc": "Washington",
    "kiev": "Kyiv",
    "reykjavík": "Reykjavik",
    "montréal": "Montreal",
}
_NEAR = 0.5  # degrees: about 50 km, the size of a large city


@cache
def cities() -> dict[str, City]:
    """All cities, by lower-case name and by other names in use."""
    found: dict[str, City] = {}
    for line in _TABLE.split("\n"):
        if line:
            name, latitude, longitude, country, timezone = line.split()
            city = City(
                name.replace("_", " "),
                float(latitude),
                float(longitude),
                country.replace("_", " "),
                timezone,
            )
            found[city.name.lower()] = city
    for alias, name in _ALIASES.items():
        found[alias] = found[name.lower()]
    return found


@cache
def countries() -> tuple[str, ...]:
    """The countries of these cities, each once."""
    return tuple(sorted({city.country for city in cities().values()}))


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted(cities(), key=len, reverse=True)
    return re.compile(
        r"(?<!\w)(?:" + "|".join(map(re.escape, names)) + r")(?!\w)", re.IGNORECASE
    )


def mentions(text: str) -> list[Mention]:
    """The cities that a text names, in order; the same city may come twice."""
    return [
        Mention(cities()[match[0].lower()], match.start(), match.end())
        for match in _pattern().finditer(text)
    ]


def nearest(latitude: float, longitude: float) -> City | None:
    """The city at this position, give or take 50 km; None where none is known."""

    def distance(city: City) -> float:
        turn = abs(city.longitude - longitude) % 360
        east = min(turn, 360 - turn) * cos(radians(latitude))
        return max(abs(city.latitude - latitude), east)

    best = min(cities().values(), key=distance)
    return best if distance(best) <= _NEAR else None

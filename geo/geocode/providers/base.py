"""How is an outside geocoder asked: seldom, briefly, within a daily cap, and with nothing but an address?"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx

from geo.errors import N_, TooLarge, Unavailable
from geo.vocabulary import MatchLevel

# anything under which a service may be counted: day cap of the operator, see `geo.geocode.providers.consult`
Allowance = Callable[[str, int], bool]
USER_AGENT = "okruga geocoder"
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """One place a provider offers; `confidence` is ours, from what the provider says of its own precision."""

    provider: str
    label: str
    lat: float
    lon: float
    level: MatchLevel
    confidence: float


class Provider(ABC):
    """One outside geocoder. `access` is what the operator wrote after the name: an address, a key, a token pair."""

    name: ClassVar[str]
    # what the user interface must show beside every result
    terms: ClassVar[str]
    # seconds between two requests of the whole installation, and requests a day
    interval_s: ClassVar[float] = 1.0
    daily: ClassVar[int] = 1000

    def __init__(self, access: str = "", client: httpx.Client | None = None) -> None:
        self.access = access
        self._client = client or httpx.Client(timeout=_TIMEOUT_S, headers={"User-Agent": USER_AGENT})
        self._lock = threading.Lock()
        self._next = 0.0

    def ask(self, address: str, allowed: Allowance) -> list[Found]:
        """The places offered for an address, best first; `allowed` counts the request against the daily cap.

        Raises Unavailable when the service does not answer or answers nonsense, TooLarge when the cap is reached.
        """
        if not address:
            return []
        if not allowed(self.name, self.daily):
            raise TooLarge(
                N_("{name} was asked {count} times today, which is the limit."),
                remedy=N_("Ask again tomorrow, or place the address by hand."),
                name=self.name,
                count=self.daily,
            )
        self._wait()
        return self._read(self._fetch(address))

    def _wait(self) -> None:
        """Keep the distance between requests, whichever thread asks."""
        with self._lock:
            pause = self._next - time.monotonic()
            self._next = max(time.monotonic(), self._next) + self.interval_s
        if pause > 0:
            time.sleep(pause)

    def _fetch(self, address: str) -> Any:
        try:
            answer = self._client.send(self._request(address))
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(
                N_("{name} does not answer: {problem}."),
                remedy=N_("Try again later, or place the address by hand."),
                name=self.name,
                problem=type(error).__name__,
            ) from error

    def _read(self, answer: Any) -> list[Found]:
        try:
            return self._found(answer)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise Unavailable(N_("{name} answered in a form that is not known."), name=self.name) from error

    @abstractmethod
    def _request(self, address: str) -> httpx.Request:
        """The request for one address."""

    @abstractmethod
    def _found(self, answer: Any) -> list[Found]:
        """The places in an answer."""

    def _get(self, url: str, parameters: dict[str, str]) -> httpx.Request:
        return self._client.build_request("GET", url, params=parameters)

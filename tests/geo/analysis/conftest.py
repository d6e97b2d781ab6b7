"""Data sets the reference libraries carry with them: published figures are computed from these, offline."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from scipy.sparse import csr_array

from geo.analysis.arrays import Floats
from geo.analysis.hotspots import contiguity
from geo.analysis.siting_model import Demand

# the suite asserts what is right, never how quickly: a loaded machine must not fail it
settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")


def folder_of(library: str) -> Path:
    """Where a library is installed, without the seconds its import takes."""
    spec = find_spec(library)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@dataclass(frozen=True)
class Counties:
    """North Carolina 1974: sudden infant deaths, births, the published rate, neighbours; `weights` for the library."""

    deaths: Floats
    births: Floats
    rate: Floats
    neighbours: csr_array
    weights: Any


@pytest.fixture(scope="session")
def counties() -> Counties:
    import geopandas
    from libpysal import examples
    from libpysal.io import open as read

    table = geopandas.read_file(examples.get_path("sids2.shp"))
    weights = read(examples.get_path("sids2.gal")).read()
    rows = {key: at for at, key in enumerate(weights.id_order)}
    pairs = [(rows[one], rows[other]) for one, near in weights.neighbors.items() for other in near]
    one, other = np.array(pairs).T
    return Counties(
        table["SID74"].to_numpy(float),
        table["BIR74"].to_numpy(float),
        table["SIDR74"].to_numpy(float),
        contiguity(len(table), one, other),
        weights,
    )


@dataclass(frozen=True)
class States:
    """Mexico 1940: gross domestic product per head of 32 states, and their regions."""

    product: Floats
    regions: tuple[float, ...]


@pytest.fixture(scope="session")
def mexico() -> States:
    import pandas

    table = pandas.read_csv(folder_of("libpysal") / "examples" / "mexico" / "mexico.csv")
    return States(table["pcgdp1940"].to_numpy(float), tuple(table["hanson98"].tolist()))


@dataclass(frozen=True)
class Stores:
    """San Francisco: 205 census tracts with residents, 16 candidate stores, network metres between all of them."""

    demand: Demand
    metres: Floats
    residents: Floats


@pytest.fixture(scope="session")
def san_francisco() -> Stores:
    import pandas

    folder = folder_of("spopt") / "tests" / "test_locate" / "data"
    table = pandas.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    metres = table.pivot(index="DestinationName", columns="name", values="distance")
    # residents by tract name: the other file of the set is in another order
    residents = table.groupby("DestinationName")["demand"].first().reindex(metres.index).to_numpy(float)
    cell, candidate = np.indices(metres.shape).reshape(2, -1)
    names = [str(name) for name in metres.columns]
    demand = Demand.of(residents, names, cell, candidate, metres.to_numpy(float).ravel())
    return Stores(demand, metres.to_numpy(float), residents)

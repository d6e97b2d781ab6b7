"""Is the confidence a frequency: rising with the evidence, between 0 and 1, and from the model that is shipped?"""

from __future__ import annotations

import json

import pytest

from geo.geocode.confidence import FEATURES, MODEL_FILE, Model, models
from geo.geocode.engine import Geocoder


def test_the_shipped_model_fits_the_features() -> None:
    stored = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    assert set(stored["models"]) == {"streets", "objects", "settlements"}
    for part in stored["models"].values():
        assert set(part["weights"]) == set(FEATURES)
        assert part["scores"] == sorted(part["scores"])
        assert part["frequencies"] == sorted(part["frequencies"])
        assert 0 <= part["frequencies"][0] <= part["frequencies"][-1] < 1


def test_the_isotonic_part_is_read_between_its_steps() -> None:
    model = Model(weights=(1.0,), constant=0.0, scores=(0.2, 0.6), frequencies=(0.1, 0.9))
    assert model.confidence((-100.0,)) == 0.1
    assert model.confidence((100.0,)) == 0.9
    # logistic(-0.405) = 0.4, half way between the steps
    assert model.confidence((-0.4055,)) == pytest.approx(0.5, abs=0.01)


def test_every_model_is_known() -> None:
    assert all(0 <= model.confidence((0.0,) * len(FEATURES)) <= 1 for model in models().values())


def test_less_evidence_never_means_more_confidence(geocoder: Geocoder) -> None:
    texts = ["Приреченск, ул. Есенина, 112", "Приреченск, ул. Есинена, 112", "Приреченск, ул. Есин, 112"]
    found = [geocoder.geocode(text).confidence for text in texts]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.95

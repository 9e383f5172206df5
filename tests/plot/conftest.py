"""Pictures are drawn on what is open: each test begins without any, and leaves none."""

import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def _nothing_is_open():
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture
def axes():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)

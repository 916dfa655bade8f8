"""Keys of a simulated Alipay, made once."""

import pytest

from app.payments.alipay.simulator import SimulatorKeys


@pytest.fixture(scope="session")
def keys() -> SimulatorKeys:
    return SimulatorKeys.generate()

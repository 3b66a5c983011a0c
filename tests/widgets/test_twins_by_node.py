"""What JavaScript computes beside Python, by node."""

import pytest
from explorers import by_node, needs_node
from twins import Twins


@needs_node
class TestByNode(Twins):
    @pytest.fixture
    def javascript(self):
        return by_node

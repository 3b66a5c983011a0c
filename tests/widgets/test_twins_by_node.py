"""What JavaScript computes beside Python, by node."""

import pytest
from twins import Twins, by_node, needs_node


@needs_node
class TestByNode(Twins):
    @pytest.fixture
    def javascript(self):
        return by_node

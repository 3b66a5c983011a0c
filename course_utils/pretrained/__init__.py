"""Trained models that come with the course: weights, codes, and a card that says what they are."""

from course_utils.pretrained._card import Codes, ModelCard
from course_utils.pretrained._load import NAMES, load_pretrained

__all__ = ["NAMES", "Codes", "ModelCard", "load_pretrained"]

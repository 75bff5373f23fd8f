"""Simulated venues: people who walk, sit and turn, what they carry, and the radio that readers hear of it."""

from gateway.recognition.simulator.scenario import BadScenario, read_scenario
from gateway.recognition.simulator.simulate import simulate

__all__ = ["BadScenario", "read_scenario", "simulate"]

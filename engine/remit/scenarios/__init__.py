"""Runs the scenarios that stand in specs, and tells what they never showed."""

from remit.scenarios.coverage import Coverage, DirectiveCoverage, NormCoverage, SetCoverage
from remit.scenarios.junit import junit_xml
from remit.scenarios.measure import measure
from remit.scenarios.model import Failure, ScenarioResult
from remit.scenarios.run import run_scenarios

__all__ = [
    "Coverage",
    "DirectiveCoverage",
    "Failure",
    "NormCoverage",
    "ScenarioResult",
    "SetCoverage",
    "junit_xml",
    "measure",
    "run_scenarios",
]

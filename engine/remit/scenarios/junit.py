"""Results as JUnit XML, the form that CI systems read: a suite for each spec, a case a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from remit.scenarios.model import ScenarioResult
from remit_grammar.diagnostic import visible


def junit_xml(results: Sequence[ScenarioResult]) -> str:
    """The document as text, with its XML declaration."""
    root = ET.Element("testsuites", {"name": "remit", **_sums(results)})
    ordered = sorted(results, key=lambda one: one.spec)
    for spec, group in groupby(ordered, key=lambda one: one.spec):
        cases = list(group)
        suite = ET.SubElement(root, "testsuite", {"name": _plain(spec), **_sums(cases)})
        for case in cases:
            _case(suite, case)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _sums(results: Sequence[ScenarioResult]) -> dict[str, str]:
    failures = sum(not one.passed for one in results)
    seconds = sum(one.seconds for one in results)
    return {
        "tests": str(len(results)),
        "failures": str(failures),
        "errors": "0",
        "time": f"{seconds:.3f}",
    }


def _case(suite: ET.Element, result: ScenarioResult) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_plain(result.spec),
        name=_plain(result.title),
        file=_plain(result.span.source.name),
        line=str(result.span.line),
        time=f"{result.seconds:.3f}",
    )
    for failure in result.failures:
        found = failure.diagnostic
        message = _plain(found.message)
        element = ET.SubElement(case, "failure", type=found.code, message=message)
        element.text = "\n" + _plain(failure.render())


def _plain(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return "\n".join(visible(line) for line in text.split("\n"))

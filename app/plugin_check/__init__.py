"""Looks at a plugin's files as a reviewer would and says what is wrong, where, and what to do. Imports nothing of the plugin."""

from pathlib import Path

from app.plugin_check.badge import badge_svg, badge_text
from app.plugin_check.hooks import check_hooks
from app.plugin_check.imports import check_imports
from app.plugin_check.names import check_names
from app.plugin_check.permissions import check_permissions
from app.plugin_check.quality import RULES, check_quality, reach_tier
from app.plugin_check.report import Finding, Level, Report, Tier
from app.plugin_check.source import read_source
from app.plugin_check.texts import check_readme, check_translations

__all__ = ["RULES", "Finding", "Level", "Report", "Tier", "badge_svg", "badge_text", "check_plugin"]


def check_plugin(place: Path) -> Report:
    """Check the plugin in a folder or in one file. Raises OSError when there is nothing to read."""
    source = read_source(place)
    findings = [*source.findings]
    for check in (check_names, check_hooks, check_permissions, check_imports, check_readme, check_translations):
        findings += check(source)
    findings += check_quality(source, {finding.rule for finding in findings})
    findings.sort()
    tier, lacking = reach_tier(source, findings)
    version = source.manifest.version if source.manifest else ""
    return Report(source.name, version, tier, tuple(findings), lacking)

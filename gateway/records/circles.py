"""Circles among things that name each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def circular(graph: Mapping[str, Collection[str]]) -> set[str]:
    """Those from which a way of names leads back to them (Tarjan's components, without recursion)."""
    if not any(graph.values()):  # nearly always: nobody names anything
        return set()
    found: set[str] = set()
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on: set[str] = set()
    for root in graph:
        work = [(root, iter(graph[root]))] if root not in index else []
        while work:
            id_, ways = work[-1]
            if id_ not in index:
                index[id_] = low[id_] = len(index)
                stack.append(id_)
                on.add(id_)
            for way in ways:
                if way not in index:
                    work.append((way, iter(graph.get(way, ()))))
                    break
                if way in on:
                    low[id_] = min(low[id_], index[way])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[id_])
                if low[id_] == index[id_]:
                    found |= _component(id_, stack, on, graph)
    return found


def _component(root: str, stack: list[str], on: set[str], graph: Mapping[str, Collection[str]]) -> set[str]:
    """Takes one component off the stack; nothing where it is one that does not name itself."""
    part = set()
    while root not in part:
        part.add(stack.pop())
    on -= part
    return part if len(part) > 1 or root in graph.get(root, ()) else set()

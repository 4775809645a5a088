"""Optimal assignment, compiled: one large problem, or very many small ones in one call."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel


@kernel
def flip(before: Any, start: Any, column: Any, of_row: Any, of_column: Any) -> None:
    """Give the rows of a path the columns that they were reached by, from its end to its start.

    Parameters
    ----------
    before
        (M,) int64: the row from which each column of the path was reached.
    start, column
        The row that the path begins with, and the column that it ends with.
    of_row, of_column
        (N,) and (M,) int64, written: the column of each row, and the row of each column.
    """
    row = np.int64(-1)
    while row != start:
        row = before[column]
        of_column[column] = row
        following = of_row[row]
        of_row[row] = column
        column = following


@kernel
def complete(costs: Any, of_column: Any) -> None:
    """Give each row a column of its own at the least total cost.

    Parameters
    ----------
    costs
        (N, M) float64, finite, N at most M.
    of_column
        (M,) int64, written: the row of each column, -1 for none.
    """
    rows, columns = costs.shape
    of_row = np.full(rows, -1, np.int64)
    row_price = np.empty(rows, np.float64)
    price = np.zeros(columns, np.float64)
    distance = np.empty(columns, np.float64)
    before = np.empty(columns, np.int64)
    open_columns = np.empty(columns, np.int64)
    of_column[:] = -1
    # A row whose cheapest column is free has it: most of a problem without conflicts.
    for line in range(rows):
        best: Any = np.int64(0)
        for column in range(1, columns):
            if costs[line, column] < costs[line, best]:
                best = np.int64(column)
        row_price[line] = costs[line, best]
        if of_column[best] < 0:
            of_column[best] = line
            of_row[line] = best
    for start in range(rows):
        if of_row[start] >= 0:
            continue
        for column in range(columns):
            distance[column] = np.inf
            open_columns[column] = column
        left = columns
        row: Any = np.int64(start)
        least = 0.0
        end: Any = np.int64(-1)
        while end < 0:
            nearest: Any = np.int64(-1)
            shortest = np.inf
            for place in range(left):
                column = open_columns[place]
                through = least + costs[row, column] - row_price[row] - price[column]
                if through < distance[column]:
                    distance[column] = through
                    before[column] = row
                # Of columns as near as each other, a free one ends the search.
                if distance[column] < shortest or (
                    distance[column] == shortest and of_column[column] < 0
                ):
                    shortest = distance[column]
                    nearest = np.int64(place)
            least = shortest
            column = open_columns[nearest]
            left -= 1
            # What is settled is kept behind those that are open.
            open_columns[nearest] = open_columns[left]
            open_columns[left] = column
            if of_column[column] < 0:
                end = column
            else:
                row = of_column[column]
        row_price[start] += least
        for place in range(left, columns):
            column = open_columns[place]
            if column != end:
                row_price[of_column[column]] += least - distance[column]
            price[column] -= least - distance[column]
        column = end
        flip(before, start, column, of_row, of_column)


@kernel
def many(values: Any, starts: Any, heights: Any, widths: Any, places: Any, found: Any) -> None:
    """Match the rows and columns of many small problems so that each total is the greatest.

    Parameters
    ----------
    values
        float64, the matrices one after another, row by row.
    starts, heights, widths
        (P,) int64: where each begins, and its rows and columns.
    places
        (P,) int64: where the rows of each begin in `found`.
    found
        int64, written: the column of each row, -1 where it is left alone.
    """
    tallest: Any = np.int64(1)
    widest: Any = np.int64(1)
    for problem in range(starts.size):
        tallest = max(tallest, heights[problem])
        widest = max(widest, widths[problem])
    by_row = np.empty((2, tallest), np.float64)
    by_column = np.empty((2, widest), np.float64)
    marks = np.empty((3, widest), np.int64)
    tree = np.empty(tallest, np.int64)
    for problem in range(starts.size):
        height, width = heights[problem], widths[problem]
        line = values[starts[problem] : starts[problem] + height * width]
        of_row = found[places[problem] : places[problem] + height]
        match(line, height, width, of_row, by_row, by_column, marks, tree)


@kernel
def match(
    values: Any,
    height: Any,
    width: Any,
    of_row: Any,
    by_row: Any,
    by_column: Any,
    marks: Any,
    tree: Any,
) -> None:
    """Match the rows and columns of one problem so that the total is the greatest.

    Parameters
    ----------
    values
        (height * width,) float64, row by row.
    of_row
        (height,) int64, written: the column of each row, -1 where it is left alone.
    by_row, by_column, marks, tree
        Room to work in: (2, height or more) and (2, width or more) float64, (3, width or more)
        and (height or more,) int64.
    """
    row_price, row_distance = by_row[0], by_row[1]
    price, distance = by_column[0], by_column[1]
    before, of_column, settled = marks[0], marks[1], marks[2]
    for column in range(width):
        of_column[column] = -1
        price[column] = 0.0
    waiting = 0
    for index in range(height):
        line = values[index * width : (index + 1) * width]
        best: Any = np.int64(-1)
        most = 0.0
        for column in range(width):
            if line[column] > most:
                most = line[column]
                best = np.int64(column)
        row_price[index] = most
        of_row[index] = -1
        if best < 0:
            continue
        if of_column[best] < 0:
            of_column[best] = index
            of_row[index] = best
        else:
            waiting += 1
    if waiting == 0:
        return
    for start in range(height):
        if of_row[start] >= 0 or row_price[start] <= 0.0:
            continue
        for column in range(width):
            distance[column] = np.inf
            settled[column] = 0
        row: Any = np.int64(start)
        row_distance[row] = 0.0
        tree[0] = row
        grown = 1
        least = 0.0
        # The search may end with a row of the tree that is left alone, at what it would bring.
        end_row = row
        end_at = row_price[row]
        end_column: Any = np.int64(-1)
        while True:
            line = values[row * width : (row + 1) * width]
            offset = least + row_price[row]
            nearest: Any = np.int64(-1)
            shortest = end_at
            for column in range(width):
                if settled[column] == 1:
                    continue
                if line[column] > 0.0:
                    through = offset + price[column] - line[column]
                    if through < distance[column]:
                        distance[column] = through
                        before[column] = row
                if distance[column] < shortest:
                    shortest = distance[column]
                    nearest = np.int64(column)
            if nearest < 0:
                least = end_at
                break
            least = shortest
            if of_column[nearest] < 0:
                end_column = nearest
                break
            settled[nearest] = 1
            row = of_column[nearest]
            row_distance[row] = least
            tree[grown] = row
            grown += 1
            if least + row_price[row] < end_at:
                end_at = least + row_price[row]
                end_row = row
        for place in range(grown):
            row = tree[place]
            row_price[row] -= least - row_distance[row]
            if place:
                price[of_row[row]] += least - row_distance[row]
        if end_column < 0:
            # That row gives its column up.
            column = of_row[end_row]
            of_row[end_row] = -1
            row_price[end_row] = 0.0
            if end_row == start:
                continue
        else:
            column = end_column
        flip(before, start, column, of_row, of_column)

"""Results as libpq hands them out: waited for, and judged."""

import psycopg
from psycopg.abc import PQGen
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Wait


def checked(result: PGresult) -> PGresult:
    """The result, unless it is an error."""
    if result.status not in (psycopg.pq.ExecStatus.TUPLES_OK, psycopg.pq.ExecStatus.COMMAND_OK):
        error = psycopg.errors.error_from_result(result)
        if error.sqlstate is None:  # not the server's word: it went away
            raise psycopg.OperationalError(str(error))
        raise error
    return result


def results_of(pgconn: PGconn, count: int) -> PQGen[list[PGresult]]:
    """So many results, waited for as psycopg waits: PQgetResult by itself would hold all other threads still until the
    server answers, and one of them may be who holds the lock that the server waits for. One wait for all of them, because
    setting it up takes longer than reading what is there."""
    results: list[PGresult] = []
    while len(results) < count:
        if pgconn.is_busy():
            while not (yield Wait.R):
                continue
            pgconn.consume_input()
            continue
        result = pgconn.get_result()
        if result is not None:
            results.append(result)
        elif pgconn.status == psycopg.pq.ConnStatus.BAD:
            raise psycopg.OperationalError(pgconn.get_error_message())
    return results

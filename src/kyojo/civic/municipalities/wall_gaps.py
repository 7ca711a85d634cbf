"""Ways around the walls that stand: what the catalogue shows besides missing or lowered ones.

Read by ``walls.walls_missing``. A statement that an administrator typed to look at something and
forgot is as open as one that was meant.
"""

from django.db import connection

WALLED_BY = (
    "({column} = (NULLIF(current_setting('app.municipality'::text, true), ''::text))::integer)"
)

POLICIES = """
    SELECT c.relname, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid),
           p.polroles = '{0}'::oid[] AND p.polpermissive
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE p.polname = %s AND c.relnamespace = 'public'::regnamespace
    ORDER BY 1
"""
#: (what is found, a query with its names). ``%(role)s`` is the application's role.
GAPS: tuple[tuple[str, str], ...] = (
    (
        "{role} is a member of {0}: it may do what that role may",
        """SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
           WHERE m.member = %(role)s::regrole ORDER BY 1""",
    ),
    (
        "{role} owns {0}: an owner may lower every wall",
        """SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
           AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relowner = %(role)s::regrole ORDER BY 1""",
    ),
    (
        "{role} may read the view {0}, which shows what its owner sees",
        """SELECT DISTINCT c.relname FROM pg_class c, aclexplode(c.relacl) a
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm')
             AND a.grantee IN (0, %(role)s::regrole) ORDER BY 1""",
    ),
    (
        "{role} has rights on single columns of {0}: rights are given for whole tables",
        """SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute b ON b.attrelid = c.oid,
             aclexplode(b.attacl) a
           WHERE c.relnamespace = 'public'::regnamespace
             AND a.grantee IN (0, %(role)s::regrole) ORDER BY 1""",
    ),
    (
        "{0} runs with its owner's rights (SECURITY DEFINER) and is none of the ledger's",
        """SELECT p.oid::regprocedure::text FROM pg_proc p
           WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
             AND NOT starts_with(p.proname, 'ledger_') ORDER BY 1""",
    ),
    (
        "the trigger {1} of {0} is switched off",
        """SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
           WHERE c.relnamespace = 'public'::regnamespace AND t.tgenabled = 'D' ORDER BY 1, 2""",
    ),
)


def wall_gaps(*, role: str, policy: str) -> list[str]:
    """One sentence for each way around the walls; empty when there is none. The role must
    exist."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(POLICIES, [policy])
        for table, reads, writes, for_everyone in cursor.fetchall():
            ledger = table.startswith("ledger_")
            wanted = WALLED_BY.format(column="ledger" if ledger else "municipality_id")
            if reads != wanted or writes != (None if ledger else wanted) or not for_everyone:
                found.append(f"{table} has a policy {policy} that lets other rows through")
        for sentence, statement in GAPS:
            cursor.execute(statement, {"role": role})
            found += [sentence.format(*row, role=role) for row in cursor.fetchall()]
    return found

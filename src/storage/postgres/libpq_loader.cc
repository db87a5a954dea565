#include "storage/postgres/libpq_loader.h"

#include <dlfcn.h>
#include <libpq-fe.h>

#include <cstdlib>

namespace latchkey::storage::postgres {
namespace {

void* library() {
  // Never unloaded: its TLS library must not go while threads live.
  static void* const handle = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  return handle;
}

void* find(const char* name) {
  void* const found = library() != nullptr ? dlsym(library(), name) : nullptr;
  if (found == nullptr)
    std::abort();  // load_libpq() was not asked, or this is no libpq of version 14 or later
  return found;
}

}  // namespace

base::Result<void> load_libpq() {
  // The newest function that is used here.
  if (library() != nullptr && dlsym(library(), "PQsendFlushRequest") != nullptr) return {};
  return base::fail({.code = base::ErrorCode::storage_unavailable,
                     .detail = "libpq.so.5 cannot be loaded",
                     .message =
                         "The PostgreSQL client library is missing or older than version 14. On Debian and "
                         "Ubuntu: apt-get install libpq5"});
}

}  // namespace latchkey::storage::postgres

// A function of libpq under its own name, which goes on to the library's. The names of parameters are short,
// so that a function is a line.
// NOLINTBEGIN(bugprone-macro-parentheses,readability-inconsistent-declaration-parameter-name)
#define LK_FORWARD(Result, name, parameters, arguments)                                                \
  extern "C" Result name parameters {                                                                  \
    using Function = Result(*) parameters;                                                             \
    static const auto function = reinterpret_cast<Function>(latchkey::storage::postgres::find(#name)); \
    return function arguments;                                                                         \
  }

// clang-format off
LK_FORWARD(int, PQbackendPID, (const PGconn* c), (c))
LK_FORWARD(void, PQclear, (PGresult* r), (r))
LK_FORWARD(char*, PQcmdStatus, (PGresult* r), (r))
LK_FORWARD(char*, PQcmdTuples, (PGresult* r), (r))
LK_FORWARD(PostgresPollingStatusType, PQconnectPoll, (PGconn* c), (c))
LK_FORWARD(PGconn*, PQconnectStartParams, (const char* const* k, const char* const* v, int e), (k, v, e))
LK_FORWARD(PGconn*, PQconnectdbParams, (const char* const* k, const char* const* v, int e), (k, v, e))
LK_FORWARD(void, PQconninfoFree, (PQconninfoOption* o), (o))
LK_FORWARD(PQconninfoOption*, PQconninfoParse, (const char* t, char** e), (t, e))
LK_FORWARD(int, PQconsumeInput, (PGconn* c), (c))
LK_FORWARD(int, PQenterPipelineMode, (PGconn* c), (c))
LK_FORWARD(char*, PQerrorMessage, (const PGconn* c), (c))
LK_FORWARD(int, PQexitPipelineMode, (PGconn* c), (c))
LK_FORWARD(void, PQfinish, (PGconn* c), (c))
LK_FORWARD(int, PQflush, (PGconn* c), (c))
LK_FORWARD(void, PQfreemem, (void* p), (p))
LK_FORWARD(PGresult*, PQgetResult, (PGconn* c), (c))
LK_FORWARD(int, PQgetisnull, (const PGresult* r, int t, int f), (r, t, f))
LK_FORWARD(int, PQgetlength, (const PGresult* r, int t, int f), (r, t, f))
LK_FORWARD(char*, PQgetvalue, (const PGresult* r, int t, int f), (r, t, f))
LK_FORWARD(char*, PQhost, (const PGconn* c), (c))
LK_FORWARD(int, PQisBusy, (PGconn* c), (c))
LK_FORWARD(int, PQnfields, (const PGresult* r), (r))
LK_FORWARD(int, PQntuples, (const PGresult* r), (r))
LK_FORWARD(int, PQpipelineSync, (PGconn* c), (c))
LK_FORWARD(char*, PQresultErrorField, (const PGresult* r, int f), (r, f))
LK_FORWARD(char*, PQresultErrorMessage, (const PGresult* r), (r))
LK_FORWARD(ExecStatusType, PQresultStatus, (const PGresult* r), (r))
LK_FORWARD(int, PQputCopyData, (PGconn* c, const char* b, int n), (c, b, n))
LK_FORWARD(int, PQputCopyEnd, (PGconn* c, const char* m), (c, m))
LK_FORWARD(int, PQsendFlushRequest, (PGconn* c), (c))
LK_FORWARD(int, PQsendPrepare, (PGconn* c, const char* n, const char* q, int p, const Oid* t), (c, n, q, p, t))
LK_FORWARD(int, PQsendQuery, (PGconn* c, const char* q), (c, q))
LK_FORWARD(int, PQsendQueryParams, (PGconn* c, const char* q, int p, const Oid* t, const char* const* v, const int* l, const int* f, int r), (c, q, p, t, v, l, f, r))
LK_FORWARD(int, PQsendQueryPrepared, (PGconn* c, const char* n, int p, const char* const* v, const int* l, const int* f, int r), (c, n, p, v, l, f, r))
LK_FORWARD(PGVerbosity, PQsetErrorVerbosity, (PGconn* c, PGVerbosity v), (c, v))
LK_FORWARD(PQnoticeReceiver, PQsetNoticeReceiver, (PGconn* c, PQnoticeReceiver p, void* a), (c, p, a))
LK_FORWARD(int, PQsetnonblocking, (PGconn* c, int a), (c, a))
LK_FORWARD(int, PQsocket, (const PGconn* c), (c))
LK_FORWARD(int, PQsslInUse, (PGconn* c), (c))
LK_FORWARD(ConnStatusType, PQstatus, (const PGconn* c), (c))
// clang-format on
// NOLINTEND(bugprone-macro-parentheses,readability-inconsistent-declaration-parameter-name)

/* An extension module with loops that would hold a thread for as long as they like. */
#include "python.h"

/* primes(n): how many primes there are below n, by the sieve of Eratosthenes. */
static PyObject *primes(PyObject *self, PyObject *argument) {
  long limit = PyLong_AsLong(argument);
  if (limit == -1 && PyErr_Occurred()) return 0;
  if (limit < 0) {
    PyErr_SetString(PyExc_ValueError, "a number of 0 or more, please");
    return 0;
  }
  char *composite = malloc(limit + 1);
  if (!composite) return PyErr_NoMemory();
  for (long i = 0; i <= limit; i++) composite[i] = 0;
  long count = 0;
  for (long i = 2; i < limit; i++) {
    if (composite[i]) continue;
    count++;
    for (long j = i + i; j < limit; j += i) composite[j] = 1;
  }
  free(composite);
  return PyLong_FromLong(count);
}

/* checksum(data): a polynomial over bytes. */
static PyObject *checksum(PyObject *self, PyObject *argument) {
  char *data;
  Py_ssize_t length;
  if (PyBytes_AsStringAndSize(argument, &data, &length) < 0) return 0;
  unsigned sum = 0;
  for (Py_ssize_t i = 0; i < length; i++) sum = sum * 31 + (unsigned char)data[i];
  return PyLong_FromLong((long)(sum & 0x7fffffff));
}

/* forever(): never comes back. */
static PyObject *forever(PyObject *self, PyObject *argument) {
  for (volatile unsigned turn = 0;; turn++)
    ;
}

static PyMethodDef methods[] = {
    {"primes", primes, METH_O, "How many primes there are below a number."},
    {"checksum", checksum, METH_O, "A checksum of bytes."},
    {"forever", forever, METH_NOARGS, "Never comes back."},
    {0, 0, 0, 0},
};

static PyModuleDef module = {
    .ob_refcnt = 0x40000000,
    .m_name = "hotloop",
    .m_doc = "Loops in C.",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit_hotloop(void) { return PyModule_Create2(&module, PYTHON_API_VERSION); }

"""SimpleJWT as its documentation sets it up, with a sign-up and a "who am I" such as people write beside it.

Everything in one file and in memory; prints the port it listens on.
"""

import os
import socket
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY=os.urandom(32).hex(),
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "rest_framework_simplejwt"],
    REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"]},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

# Django wants its settings before these are imported.
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.permissions import AllowAny, IsAuthenticated  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView  # noqa: E402


class Me(APIView):
    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response({"id": request.user.id, "username": request.user.username})


class Register(APIView):
    permission_classes = [AllowAny]

    def post(self, request):
        name, password = request.data.get("username"), request.data.get("password")
        if not name or not password:
            return Response({"detail": "username and password are required"}, status=400)
        if User.objects.filter(username=name).exists():
            return Response({"detail": "this username is taken"}, status=400)
        user = User.objects.create_user(name, password=password)
        return Response({"id": user.id, "username": user.username}, status=201)


urlpatterns = [
    path("api/token/", TokenObtainPairView.as_view()),
    path("api/token/refresh/", TokenRefreshView.as_view()),
    path("api/register/", Register.as_view()),
    path("api/me/", Me.as_view()),
]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    assert server.address_family == socket.AF_INET
    print(server.server_port, flush=True)
    server.serve_forever()

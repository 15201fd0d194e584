machine_urlpatterns = []
urlpatterns = []

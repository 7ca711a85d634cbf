"""What machines say: buttons and readers over LoRaWAN and MQTT. People have ``web``."""

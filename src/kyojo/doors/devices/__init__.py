"""What machines say: buttons over LoRaWAN and MQTT. People have ``web``."""
